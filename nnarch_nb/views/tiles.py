"""Small images as pixels: the raw values of a sample, few enough levels to stay light."""

from __future__ import annotations

import io

import numpy as np
import torch

SIDE = 28  # pixels; larger images are shown smaller
LEVELS = 16
GAP = 1


def grey_levels(image: torch.Tensor, bounds: tuple[float, float]) -> np.ndarray:
    """Return ``(channels, h, w)`` in raw units as bytes ``(h, w)`` or ``(h, w, 3)``; black is the lowest."""
    from PIL import Image

    low, high = bounds
    scaled = ((image - low) / (high - low or 1.0)).clamp(0, 1).mul(255).round().to(torch.uint8)
    pixels = scaled.permute(1, 2, 0).numpy()
    pixels = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    if max(pixels.shape[:2]) <= SIDE:
        return pixels
    share = SIDE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


def sheet(columns: list[list[np.ndarray]]) -> np.ndarray:
    """Return images side by side, those of one list below each other, on grey."""
    first = columns[0][0]
    height, width = first.shape[:2]
    rows = max(map(len, columns))
    page = np.full(
        (rows * (height + GAP) - GAP, len(columns) * (width + GAP) - GAP, *first.shape[2:]), 127, np.uint8
    )
    for i, column in enumerate(columns):
        for j, tile in enumerate(column):
            y, x = j * (height + GAP), i * (width + GAP)
            page[y : y + height, x : x + width] = tile
    return page


def png(pixels: np.ndarray) -> bytes:
    """Return the pixels as a PNG of few levels."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).quantize(LEVELS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
