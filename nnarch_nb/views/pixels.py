"""Arrays as small PNG images: grey or coloured for values, blue to orange for what has a sign.

One PNG pixel is one value; the page enlarges it without smoothing. Large arrays are averaged down, so
that all the images of a result stay light in a saved notebook.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from nnarch_nb.views.figure import Picture

if TYPE_CHECKING:
    import torch
    from PIL import Image

SIDE = 40  # pixels at most
SHOWN = 84  # pixels on the page
LEVELS = 32
BLUE, WHITE, ORANGE = (0, 114, 178), (255, 255, 255), (213, 94, 0)
COLOURS = 3


def drawable(sample: tuple[int, ...]) -> bool:
    """Tell whether a sample of that shape is an image, or a sequence that can be drawn as one.

    Examples
    --------
    >>> drawable((1, 28, 28)), drawable((50, 3)), drawable((13,))
    (True, True, False)
    """
    return len(sample) in (2, 3)


def values(image: torch.Tensor, bounds: tuple[float, float], alt: str) -> Picture:
    """Return ``(h, w)`` or ``(channels, h, w)`` in grey, three channels in colour; black is the lowest."""
    low, high = bounds
    array = image.float().numpy()
    channels = array[None] if array.ndim == 2 else array
    if len(channels) != COLOURS:
        channels = channels.mean(0, keepdims=True)
    planes = np.stack([smaller(channel) for channel in channels], axis=-1)
    levels = np.clip((planes - low) / ((high - low) or 1.0), 0, 1)
    levels = np.round(levels * (LEVELS - 1)) * (255 / (LEVELS - 1))
    return Picture(
        "", png(levels.astype(np.uint8).squeeze(-1) if len(channels) == 1 else levels.astype(np.uint8)), alt
    )


def signed(image: torch.Tensor, limit: float, alt: str) -> Picture:
    """Return ``(h, w)`` or ``(channels, h, w)`` from blue (-limit) over white to orange (+limit)."""
    levels = smaller(flat(image)) / (limit or 1.0)
    steps = np.round((np.clip(levels, -1, 1) + 1) / 2 * (2 * LEVELS)).astype(np.uint8)
    return Picture("", png(steps, palette=diverging()), alt)


def flat(image: torch.Tensor) -> np.ndarray:
    """Return one number per pixel: the sum over the channels."""
    array = image.float().numpy()
    return array if array.ndim == 2 else array.sum(0)


def smaller(plane: np.ndarray) -> np.ndarray:
    """Return the plane averaged down to ``SIDE``; one that is small enough is returned as it is."""
    from PIL import Image

    height, width = plane.shape
    share = SIDE / max(height, width)
    if share >= 1:
        return plane
    size = (max(1, round(width * share)), max(1, round(height * share)))
    shrunk = Image.fromarray(plane.astype(np.float32)).resize(size, Image.Resampling.BOX)
    return np.asarray(shrunk)


@cache
def diverging() -> tuple[int, ...]:
    """Return the palette from blue over white to orange; its middle is exactly white."""
    low, middle, high = (np.array(colour, float) for colour in (BLUE, WHITE, ORANGE))
    share = np.linspace(0, 1, LEVELS + 1)[:, None]
    left, right = low + (middle - low) * share, middle + (high - middle) * share
    return tuple(np.vstack([left, right[1:]]).round().astype(int).ravel().tolist())


def png(pixels: np.ndarray, palette: tuple[int, ...] | None = None) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    if palette is not None:
        image.putpalette(list(palette))
    elif image.mode == "RGB":
        image = image.quantize(LEVELS)
    return encoded(image)


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def shown_width(sample: tuple[int, ...]) -> int:
    """Return how wide an image of that shape is shown, so that its longer side is ``SHOWN``."""
    height, width = sample[-2:]
    return max(8, round(SHOWN * width / max(height, width)))
