"""From raw rows to what a network sees: gaps filled, shifted and scaled by the training split alone.

Values that came in double stay so until they are scaled: times in seconds, say, are all one number in
float32. Samples that came narrower, such as large sets of images, are never widened.
"""

from __future__ import annotations

import numpy as np
import torch

from nnarch_nb.core.data import Normalization
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data.arrays import all_finite
from nnarch_nb.verbs.data.loaded import Loaded

Told = tuple[str, ...]


def check_values(loaded: Loaded) -> None:
    """Refuse what float32 cannot hold; NaN is a missing value in a table, padding in a series."""
    x = loaded.x
    if not x.is_floating_point() or not x.numel() or all_finite(x):
        return
    narrow = x.float()
    bad = torch.isinf(narrow) if loaded.columns or loaded.is_series else ~torch.isfinite(narrow)
    if not bad.any():
        return
    row = int(bad.flatten(1).any(dim=1).nonzero()[0])
    where = f" of column {loaded.features[int(bad[row].nonzero()[0])]!r}" if loaded.features else ""
    count = int(bad.sum())
    values = f"{count:,} %s value{'s' if count != 1 else ''}, the first in row {row}{where}"
    if torch.isfinite(x[bad]).all():
        raise NNArchError(f"x has {values % 'too large'}: scale them down, float32 ends at 3.4e38")
    raise NNArchError(f"x has {values % 'NaN or infinite'}: remove or replace them before training")


def fill_values(loaded: Loaded, train: np.ndarray) -> tuple[torch.Tensor | None, Told]:
    """Return the training median of every column, if a value is missing anywhere, and what that means."""
    if not loaded.columns or not torch.isnan(loaded.x).any():
        return None, ()
    gaps = {c.name: c.missing for c in loaded.columns if c.missing and c.kind != "category"}
    listed = ", ".join(f"{shorten(name, 30)} {count:,}" for name, count in list(gaps.items())[:5])
    more = f" and {len(gaps) - 5} more columns" if len(gaps) > 5 else ""
    whose = "training median" if len(train) else "median of all rows, there being no training split"
    known = loaded.x[torch.from_numpy(train)] if len(train) else loaded.x
    return medians(known), (f"missing values filled with the {whose} ({listed}{more})",)


def medians(x: torch.Tensor) -> torch.Tensor:
    """Return the median of the known values in each column, 0 where there are none."""
    known = [column[~torch.isnan(column)].numpy() for column in x.T]
    return torch.tensor([np.median(values) if len(values) else 0.0 for values in known], dtype=x.dtype)


def raw_values(x: torch.Tensor, fill: torch.Tensor | None) -> torch.Tensor:
    """Return the rows, which are a copy already, as floats without gaps; tokens stay as they are."""
    if x.dtype == torch.int64:
        return x
    x = x if x.is_floating_point() else x.float()
    return x if fill is None else torch.where(torch.isnan(x), fill, x)


def ready(x: torch.Tensor, scale: Normalization | None) -> torch.Tensor:
    """Return what the network sees of raw values; they are our own copy, and scaled where they lie."""
    if x.dtype == torch.int64:
        return x
    if scale is not None:
        x.sub_(scale.mean.to(x)).div_(scale.std.to(x))
    return x.float()


def normalization(loaded: Loaded, train: torch.Tensor) -> tuple[Normalization | None, Told]:
    """Return the shift and scale that give the training split mean 0 and deviation 1."""
    if loaded.is_tokens:
        return None, () if loaded.vocabulary else ("integers taken as tokens",)
    if not len(train):
        return None, ("no training split to take mean and deviation from",)
    told: Told = ()
    over: tuple[int, ...]
    shape: tuple[int, ...]
    if loaded.is_image:
        over, shape = (0, 2, 3), (train.shape[1], 1, 1)
    elif loaded.is_table:
        over, shape = (0,), (train.shape[1],)
    elif loaded.is_series:
        train = train[~train[..., 0].isnan()]  # the real steps of all samples, one below the other
        over, shape = (0,), (train.shape[1],)
    else:
        over, shape = tuple(range(train.ndim)), (1,) * (train.ndim - 1)
        told = ("normalized by one mean and deviation: no axis is known to be channels",)
    # Images are averaged in float32's own reductions, which accumulate in double; tables are small.
    values = train.double() if train.numel() < 1e6 else train
    std, mean = torch.std_mean(values, dim=over, correction=0)
    std = torch.where(train.amax(over) == train.amin(over), 1.0, std)
    # As the rows are scaled by them, in their own number type: else the way back would miss them.
    mean, std = (value.to(train.dtype).double().reshape(shape) for value in (mean, std))
    return Normalization(mean, std), told
