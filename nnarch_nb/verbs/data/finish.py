"""From raw samples to a ``Data``: limit, cut, fill, normalize, in this order for every source."""

from __future__ import annotations

import numpy as np
import torch

from nnarch_nb.core.data import Data, Normalization, Split
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import split
from nnarch_nb.verbs.data.arrays import all_finite
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options


def finish(loaded: Loaded, options: Options) -> Data:
    """Return the ``Data`` that the samples make.

    Raises
    ------
    NNArchError
        A value is not finite, there is one class only, or the samples are too few for what is asked.
    """
    check_finite(loaded)
    rows, notes = split_rows(loaded, options)
    check_classes(loaded, rows)
    base = rows["train"] if len(rows["train"]) else np.concatenate(list(rows.values()))
    fill, filled = fill_values(loaded, base)
    raw = {name: raw_values(loaded.x[torch.from_numpy(part)], fill) for name, part in rows.items()}
    train = raw["train"] if len(raw["train"]) else torch.cat(list(raw.values()))
    scale, told = normalization(loaded, train) if options.normalize else (None, ())
    bounds = loaded.bounds or (float(train.min()), float(train.max()))
    if scale:
        for x in raw.values():  # our own copies: normalized where they lie
            x.sub_(scale.mean).div_(scale.std)
    parts = {name: Split(x, loaded.y[torch.from_numpy(rows[name])]) for name, x in raw.items()}
    return Data(
        name=loaded.name,
        **parts,
        kind=loaded.kind,
        shape=tuple(loaded.x.shape[1:]),
        classes=loaded.classes,
        features=loaded.features,
        normalization=scale,
        bounds=bounds,
        notes=(*notes, *loaded.notes, *filled, *told),
        columns=loaded.columns,
        target=loaded.target,
    )


def check_finite(loaded: Loaded) -> None:
    if not loaded.x.is_floating_point() or all_finite(loaded.x):
        return
    bad = ~torch.isfinite(loaded.x) if not loaded.columns else torch.isinf(loaded.x)
    if bad.any():
        row = int(bad.flatten(1).any(dim=1).nonzero()[0])
        where = ""
        if loaded.features:
            where = f" of column {loaded.features[int(bad[row].nonzero()[0])]!r}"
        raise NNArchError(
            f"x has {int(bad.sum()):,} NaN or infinite values, the first in row {row}{where}: "
            f"remove or replace them before training"
        )


def split_rows(loaded: Loaded, options: Options) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the row numbers of each split, and how they came about."""
    rows = loaded.rows()
    strata = loaded.y.numpy() if loaded.kind == "classification" else np.zeros(len(loaded.y), int)
    rows, short = limit_rows(rows, strata, options) if options.limit is not None else (rows, ())
    shares = {name: getattr(options, name) for name in loaded.cut}
    copies = split.copies_of(loaded.x)
    if not any(shares.values()):
        return rows, (*given_note(loaded), *short, *overlap_note(rows, copies))
    train = rows["train"]
    split.check_feasible(strata[train], loaded.classes, shares)
    made = split.cut(train, strata[train], copies[train], shares, options.seed)
    rows |= made.rows
    how = "stratified by class" if loaded.kind == "classification" else "at random"
    sizes = " and ".join(f"{100 * share:g} % {name}" for name, share in shares.items() if share)
    cut_note = f"{sizes} cut {how}, seed {options.seed}"
    return rows, (cut_note, *given_note(loaded), *short, *copies_note(made), *overlap_note(rows, copies))


def limit_rows(
    rows: dict[str, np.ndarray], strata: np.ndarray, options: Options
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return fewer rows: each split in proportion, each class in proportion within it."""
    limit, total = int(options.limit or 0), sum(map(len, rows.values()))
    kept = {}
    for name, part in rows.items():
        count = min(len(part), max(limit * len(part) // total, 1))
        seen = len(np.unique(strata[part]))
        if len(part) and count < seen:
            where = "" if count == limit else f", with a share of {count} for {name},"
            raise NNArchError(f"limit={limit}{where} is below the number of classes, {seen}: raise it")
        kept[name] = split.limited(part, strata[part], count, options.seed)
    left = sum(map(len, kept.values()))
    return kept, ((f"limited to {left:,} of {total:,} samples",) if left < total else ())


def given_note(loaded: Loaded) -> tuple[str, ...]:
    return ("splits kept as given",) if loaded.given and not loaded.cut else ()


def copies_note(made: split.Cut) -> tuple[str, ...]:
    if not made.repeated:
        return ()
    if made.together:
        return (f"{made.repeated:,} rows are copies of one another, kept in one split each",)
    return (f"{made.repeated:,} rows are copies of one another, too many to keep in one split each",)


def overlap_note(rows: dict[str, np.ndarray], copies: np.ndarray) -> tuple[str, ...]:
    """Say how many held-out rows have the same values as a training row."""
    shared = {n: int(np.isin(copies[rows[n]], copies[rows["train"]]).sum()) for n in ("val", "test")}
    return tuple(f"{count:,} rows of {name} also occur in train" for name, count in shared.items() if count)


def check_classes(loaded: Loaded, rows: dict[str, np.ndarray]) -> None:
    """Refuse to train on one class only; a set that is only held out may have any."""
    if loaded.kind == "regression" or not len(rows["train"]):
        return
    seen = loaded.y[torch.from_numpy(rows["train"])].unique()
    if len(seen) < 2:
        only = shorten(loaded.classes[int(seen[0])], 40)
        raise NNArchError(
            f"{loaded.target} has one class only: every one of {len(rows['train']):,} training samples is "
            f"{only!r}; a classifier needs two or more"
        )


def fill_values(loaded: Loaded, base: np.ndarray) -> tuple[torch.Tensor | None, tuple[str, ...]]:
    """Return the training median of every column, if a value is missing anywhere, and what that means."""
    if not loaded.columns or not torch.isnan(loaded.x).any():
        return None, ()
    medians = torch.nanmedian(loaded.x[torch.from_numpy(base)], dim=0).values.nan_to_num(0.0)
    gaps = {c.name: c.missing for c in loaded.columns if c.missing and c.kind != "category"}
    listed = ", ".join(f"{shorten(name, 30)} {count:,}" for name, count in list(gaps.items())[:5])
    more = f" and {len(gaps) - 5} more columns" if len(gaps) > 5 else ""
    return medians, (f"missing values filled with the training median ({listed}{more})",)


def raw_values(x: torch.Tensor, fill: torch.Tensor | None) -> torch.Tensor:
    """Return the rows, which are a copy already, as floats without gaps."""
    if x.dtype == torch.int64:
        return x
    x = x.float()
    return x if fill is None else torch.where(torch.isnan(x), fill, x)


def normalization(loaded: Loaded, train: torch.Tensor) -> tuple[Normalization | None, tuple[str, ...]]:
    """Return the shift and scale that give the training split mean 0 and deviation 1."""
    if loaded.is_tokens:
        return None, ("integers taken as tokens: not normalized",)
    told: tuple[str, ...] = ()
    over: tuple[int, ...]
    shape: tuple[int, ...]
    if loaded.is_image:
        over, shape = (0, 2, 3), (train.shape[1], 1, 1)
    elif loaded.is_table:
        over, shape = (0,), (train.shape[1],)
    else:
        over, shape = tuple(range(train.ndim)), (1,) * (train.ndim - 1)
        told = ("normalized by one mean and deviation: no axis is known to be channels",)
    # Images are averaged in float32's own reductions, which accumulate in double; tables are small.
    values = train.double() if train.numel() < 1e6 else train
    std, mean = torch.std_mean(values, dim=over, correction=0)
    std = torch.where(train.amax(over) == train.amin(over), 1.0, std)
    return Normalization(mean.float().reshape(shape), std.float().reshape(shape)), told
