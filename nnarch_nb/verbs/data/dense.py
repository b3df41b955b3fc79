"""Targets as large as their samples: masks of images, the next tokens of texts, samples to give back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nnarch_nb.core.data import IGNORED
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data import labels
from nnarch_nb.verbs.data.labels import MOST_NUMBERS, Targets


def targets_of(x: torch.Tensor, y: np.ndarray, same: bool) -> Targets | None:
    """Return targets that go by the shape of the samples; None where each sample has one, or a row.

    Parameters
    ----------
    x
        Samples ``(n, *shape)``.
    y
        What stands beside them.
    same
        Whether it is the samples themselves.
    """
    if same or (y.shape == x.shape and x.ndim > 1 and y.dtype.kind in "uif" and is_equal(x, y)):
        return Targets(x, "reconstruction", ())
    if y.dtype.kind in "iub" and x.ndim == 4 and y.shape in (masks := mask_shapes(x)):
        return labels.segments(y.reshape(masks[0]), "y")
    if y.dtype.kind in "iu" and x.dtype == torch.int64 and x.ndim == 2 and y.shape == x.shape:
        return next_tokens(x, y)
    if y.dtype.kind == "f" and x.ndim > 2 and x.is_floating_point() and y.shape == x.shape:
        return Targets(finite(y), "reconstruction", (), ("y has the shape of x: what is to be given back",))
    return None


def is_equal(x: torch.Tensor, y: np.ndarray) -> bool:
    return bool(np.array_equal(x.numpy(), y, equal_nan=x.is_floating_point() and y.dtype.kind == "f"))


def mask_shapes(x: torch.Tensor) -> list[tuple[int, ...]]:
    n, _, height, width = x.shape
    return [(n, height, width), (n, 1, height, width)]


def next_tokens(x: torch.Tensor, y: np.ndarray) -> Targets:
    known = y[y != IGNORED]
    low, high = (int(known.min()), int(max(known.max(), x.max()))) if known.size else (-1, -1)
    if low < 0 or high >= MOST_NUMBERS:
        raise NNArchError(
            f"y holds {low} to {high}: the next tokens are ids from 0 up, or {IGNORED} for none"
        )
    return Targets(torch.from_numpy(y.astype(np.int64)), "next-token", tuple(map(str, range(high + 1))))


def finite(y: np.ndarray) -> torch.Tensor:
    labels.check_known(y, "y")
    return torch.from_numpy(np.ascontiguousarray(y, np.float32))


def is_same(pairs: dict[str, Any]) -> bool:
    """Tell whether every split has its samples as their own targets."""
    return all(x is y for x, y, _ in pairs.values())
