"""Images beside what is asked for each of their pixels, and images that are their own target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nnarch_nb.core.data import Data
from nnarch_nb.errors import shorten
from nnarch_nb.views import pixels, theme
from nnarch_nb.views.data_shown import shown
from nnarch_nb.views.figure import Picture

MOST = 6  # images
IGNORED_GREY = (153, 153, 153)
COLOURS = 7


@dataclass(frozen=True)
class Pair:
    """An image with its mask, as wide as both are shown."""

    image: Picture
    mask: Picture | None
    width: int


def pairs(data: Data) -> list[Pair]:
    """Return the first images, each with its mask where it has one."""
    if data.form != "image" or data.kind not in ("segmentation", "reconstruction"):
        return []
    _, split = shown(data)
    width = pixels.shown_width(data.shape)
    raw = data.raw(split.x[:MOST])
    return [
        Pair(
            pixels.values(image if len(image) in (1, 3) else image[:1], data.bounds, f"image {i}"),
            mask(split.y[i], f"mask of image {i}") if data.kind == "segmentation" else None,
            width,
        )
        for i, image in enumerate(raw)
    ]


def some_ignored(data: Data) -> bool:
    """Return whether a mask that is shown has pixels that count for nothing."""
    return data.kind == "segmentation" and bool((shown(data)[1].y[:MOST] < 0).any())


def repeats(data: Data) -> str:
    """Return the last class with a colour of its own, where there are more."""
    if data.kind != "segmentation" or len(data.classes) <= COLOURS + 1:
        return ""
    return shorten(data.classes[COLOURS], 30)


def mask(classes: torch.Tensor, alt: str) -> Picture:
    """Return the class of each pixel as a colour; what counts for nothing is grey."""
    plane = classes.numpy()
    every = -(-max(plane.shape) // pixels.SIDE)
    small = plane[::every, ::every]
    colours = np.where(small < 0, COLOURS + 1, np.where(small == 0, 0, (small - 1) % COLOURS + 1))
    return Picture("", pixels.png(colours.astype(np.uint8), palette=palette()), alt)


def palette() -> tuple[int, ...]:
    """Return black for class 0, the theme's colours for the next, then grey."""
    colours = [(0, 0, 0), *(rgb(theme.series(i)) for i in range(COLOURS - 1)), (240, 228, 66), IGNORED_GREY]
    return tuple(value for colour in colours for value in colour)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def dot(number: int) -> str:
    """Return the colour of a class, as its pixels have it."""
    place = 3 * (0 if number == 0 else (number - 1) % COLOURS + 1)
    return "#" + "".join(f"{value:02x}" for value in palette()[place : place + 3])
