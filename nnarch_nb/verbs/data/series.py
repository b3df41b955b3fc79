"""Series of different lengths in one tensor: NaN stands for padding after the end, and for nothing else.

Values that are missing inside a series are therefore filled before anything else is done with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from nnarch_nb.core.room import check_room
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data.loaded import Loaded

Told = tuple[str, ...]


def padded(samples: Sequence[np.ndarray], name: str = "the series") -> torch.Tensor:
    """Return series ``(steps, channels)`` of any lengths as ``(n, longest, channels)``.

    Examples
    --------
    >>> padded([np.ones((1, 1)), np.zeros((2, 1))]).squeeze(2)
    tensor([[1., nan],
            [0., 0.]], dtype=torch.float64)
    """
    longest, channels = max(map(len, samples)), samples[0].shape[1]
    check_room(
        2 * len(samples) * longest * channels,  # in double
        f"{len(samples):,} series in {name}, all as long as the longest of {longest:,} steps,",
        "cut or thin out the longest first",
    )
    x = np.full((len(samples), longest, channels), np.nan)
    for place, sample in zip(x, samples, strict=True):
        place[: len(sample)] = sample
    return torch.from_numpy(x)


def without_gaps(loaded: Loaded, train: np.ndarray) -> tuple[torch.Tensor, Told]:
    """Return series whose NaN is padding alone: gaps filled by interpolation, steps that none has cut off.

    Parameters
    ----------
    loaded
        Series ``(n, steps, channels)``.
    train
        The rows of the training split, whose mean stands for a channel that a sample lacks altogether.

    Raises
    ------
    NNArchError
        A sample or a channel holds no value at all.
    """
    x = loaded.x
    missing = x.isnan() if x.is_floating_point() else torch.zeros_like(x, dtype=torch.bool)
    if not missing.any():
        return x, ()
    steps = torch.arange(1, x.shape[1] + 1)
    lengths = torch.where(missing.all(2), 0, steps).amax(1)
    if not lengths.all():
        row = int((lengths == 0).nonzero()[0])
        raise NNArchError(f"series {row} holds no value at all, only NaN: leave it out")
    x, missing = x[:, : int(lengths.max())].clone(), missing[:, : int(lengths.max())]
    gaps = missing & (steps[: x.shape[1]] <= lengths[:, None])[:, :, None]
    if not gaps.any():
        return x, ()
    absent = fill(x, gaps, lengths, means(x, train, loaded.channels))
    whole = f", {absent:,} channels of a sample without any by the training mean" if absent else ""
    return x, (f"{int(gaps.sum()):,} missing values inside the series filled by interpolation{whole}",)


def means(x: torch.Tensor, train: np.ndarray, channels: tuple[str, ...]) -> torch.Tensor:
    """Return the mean of each channel over the training split; over all, if there is none."""
    known = x[torch.from_numpy(train)] if len(train) else x
    mean = known.flatten(0, 1).nanmean(0)
    if mean.isnan().any():
        number = int(mean.isnan().nonzero()[0])
        name = repr(channels[number]) if channels else number
        raise NNArchError(f"channel {name} of the series holds no value in training, only NaN: leave it out")
    return mean


def fill(x: torch.Tensor, gaps: torch.Tensor, lengths: torch.Tensor, mean: torch.Tensor) -> int:
    """Fill gaps where they lie, and return how many channels of a sample had nothing to go by."""
    absent = 0
    for row, channel in gaps.any(1).nonzero().tolist():
        values = x[row, : int(lengths[row]), channel].numpy()  # a view: what is written here is in x
        known = np.flatnonzero(~np.isnan(values))
        if len(known):
            values[:] = np.interp(np.arange(len(values)), known, values[known])
        else:
            values[:], absent = float(mean[channel]), absent + 1
    return absent
