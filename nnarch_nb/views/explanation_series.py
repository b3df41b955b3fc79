"""A series as a picture: time runs to the right, a row for each channel; padding is left white."""

from __future__ import annotations

import torch

from nnarch_nb.views import pixels
from nnarch_nb.views.explanation_parts import Part
from nnarch_nb.views.figure import Picture

WIDER = 1.5  # than an image: a series is low
LOW = 4  # steps to each row at most, so that a single channel is no hair line


def values(part: Part, i: int, alt: str) -> Picture:
    """Return the values in grey: each channel from its least, black, to its most over the samples shown."""
    known = part.raw.flatten(0, 1)
    low = known.nan_to_num(torch.inf).amin(0)
    span = (known.nan_to_num(-torch.inf).amax(0) - low).clamp_min(1e-30)
    return pixels.values(standing(((part.raw[i] - low) / span).nan_to_num(1.0)), (0.0, 1.0), alt)


def heat(part: Part, i: int, limit: float, alt: str) -> Picture:
    """Return the attributions from blue over white to orange."""
    return pixels.signed(standing(part.maps[i]), limit, alt)


def standing(steps: torch.Tensor) -> torch.Tensor:
    """Return ``(steps, channels)`` with time to the right, rows as high as can be seen."""
    times = max(1, len(steps) // (LOW * steps.shape[1]))
    return steps.T.repeat_interleave(times, 0)


def shown_width(part: Part) -> int:
    steps, channels = part.shape
    return round(WIDER * pixels.shown_width((max(channels, steps // LOW), steps)))
