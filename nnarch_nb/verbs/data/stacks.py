"""Lists of images, arrays or rows as one array: alike in shape, or series unlike in length."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import series


def stacked(values: Any, name: str) -> Any:
    """Return a list of tensors, arrays or images as one tensor or array."""
    items: Any = [picture(value) for value in values] if is_picture(values[0]) else values
    if is_ragged(items):
        return ragged(items, name)
    if not isinstance(items[0], (torch.Tensor, np.ndarray)):
        return items
    odd = next((i for i, item in enumerate(items) if not isinstance(item, (torch.Tensor, np.ndarray))), None)
    if odd is not None:
        raise NNArchError(
            f"sample {odd} in {name} is {shorten(repr(items[odd]), 40)}, where the first is a "
            f"{type(items[0]).__name__}: give all as one kind"
        )
    shapes = list(dict.fromkeys(tuple(item.shape) for item in items))
    if len(shapes) > 1 and are_series(items):
        return series.padded([np.asarray(item) for item in items], name)
    if len(shapes) > 1:
        raise NNArchError(
            f"the samples in {name} differ in shape ({shapes[0]} and {shapes[1]}): crop or pad them to one"
        )
    if isinstance(items[0], torch.Tensor):
        return torch.stack([torch.as_tensor(item).detach().cpu() for item in items])
    return np.stack([np.asarray(item) for item in items])


def is_ragged(items: Any) -> bool:
    """Tell whether these are rows of unlike lengths."""
    rows = all(isinstance(item, (list, tuple)) or getattr(item, "ndim", 0) == 1 for item in items)
    return rows and len(set(map(len, items))) > 1


def ragged(items: Any, name: str) -> torch.Tensor:
    """Return rows of numbers of unlike lengths as series of one channel, or say what else they may be."""
    try:
        rows = [np.asarray(item) for item in items]
    except (ValueError, TypeError) as error:
        raise NNArchError(f"{name} is no array: {shorten(error)}") from error
    kinds = {row.dtype.kind for row in rows if row.ndim == 1 and len(row)}
    if kinds <= {"f", "i", "u"} and "f" in kinds and all(row.ndim == 1 and len(row) for row in rows):
        return series.padded([row[:, None] for row in rows], name)
    lengths = list(dict.fromkeys(map(len, rows)))[:2]
    cure = (
        "join the words of each, ' '.join(words)"
        if kinds == {"U"}
        else (
            "fill up ids of tokens with 0 and give a LongTensor, or give series as floats (steps, channels)"
        )
    )
    raise NNArchError(f"the samples in {name} differ in length ({lengths[0]} and {lengths[1]}): {cure}")


def are_series(items: list[Any]) -> bool:
    """Tell whether these are floats ``(steps, channels)`` that differ in their steps alone."""
    floats = all(item.ndim == 2 and "float" in str(item.dtype) and len(item) for item in items)
    return floats and len({item.shape[1:] for item in items}) == 1


def is_picture(value: Any) -> bool:
    return hasattr(value, "getbands") and hasattr(value, "convert")


def picture(image: Any) -> np.ndarray:
    """Return a PIL image as ``(channels, height, width)``."""
    image = (
        image if image.mode in ("L", "RGB") else image.convert("L" if image.mode in ("1", "I;16") else "RGB")
    )
    pixels = np.array(image)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
