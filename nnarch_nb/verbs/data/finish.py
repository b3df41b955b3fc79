"""From raw samples to a ``Data``: limit, cut, fill, normalize, in this order for every source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from nnarch_nb.core.data import Data, Normalization, Split
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import scale, series, split
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options


def finish(loaded: Loaded, options: Options) -> Data:
    """Return the ``Data`` that the samples make.

    Raises
    ------
    NNArchError
        A value is not finite, there is one class only, or the samples are too few for what is asked.
    """
    scale.check_values(loaded)
    rows, notes = split_rows(loaded, options)
    check_classes(loaded, rows)
    loaded, gaps = prepared(loaded, rows, options)
    fill, filled = scale.fill_values(loaded, rows["train"])
    raw = {name: scale.raw_values(loaded.x[torch.from_numpy(part)], fill) for name, part in rows.items()}
    normal, told = scale.normalization(loaded, raw["train"]) if options.normalize else (None, ())
    bounds = loaded.bounds or ends(raw)
    parts = {
        name: part_of(loaded, scale.ready(raw.pop(name), normal), part, normal) for name, part in rows.items()
    }
    return Data(
        name=loaded.name,
        train=parts["train"],
        val=parts["val"],
        test=parts["test"],
        kind=loaded.kind,
        shape=tuple(loaded.x.shape[1:]),
        classes=loaded.classes,
        features=loaded.features,
        normalization=normal,
        bounds=bounds,
        notes=(*notes, *loaded.notes, *gaps, *filled, *told),
        columns=loaded.columns,
        target=loaded.target,
        vocabulary=loaded.vocabulary,
        channels=loaded.channels,
        forecast=loaded.forecast,
    )


def prepared(loaded: Loaded, rows: dict[str, np.ndarray], options: Options) -> tuple[Loaded, tuple[str, ...]]:
    """Return texts as ids and series without gaps, which both depend on what is in the training split."""
    if loaded.texts:
        from nnarch_nb.verbs.data import text

        return text.in_numbers(loaded, rows, options), ()
    if not loaded.is_series:
        return loaded, ()
    x, told = series.without_gaps(loaded, rows["train"])
    return replace(loaded, x=x, y=x if loaded.y is loaded.x else loaded.y), told


def part_of(loaded: Loaded, x: torch.Tensor, rows: np.ndarray, normal: Normalization | None) -> Split:
    """Return a split; what is to be given back is scaled as what is given."""
    if loaded.y is loaded.x:
        return Split(x, x)
    y = loaded.y[torch.from_numpy(rows)]
    return Split(x, scale.ready(scale.raw_values(y, None), normal) if loaded.kind == "reconstruction" else y)


def ends(raw: dict[str, torch.Tensor]) -> tuple[float, float]:
    """Return the smallest and largest value of the training split; without one, of what there is."""
    seen = raw["train"] if len(raw["train"]) else torch.cat(list(raw.values()))
    low, high = seen.aminmax()
    if low.isnan():
        low, high = seen[~seen.isnan()].aminmax()
    return float(low), float(high)


def split_rows(loaded: Loaded, options: Options) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the row numbers of each split, and how they came about."""
    rows = loaded.rows()
    strata = loaded.y.numpy() if loaded.kind == "classification" else np.zeros(len(loaded.y), int)
    rows, short = limit_rows(rows, strata, options) if options.limit is not None else (rows, ())
    shares = {name: getattr(options, name) for name in loaded.cut}
    # What is cut after max_len tokens is alike for the network where it begins alike.
    texts = [text[: options.max_len] for text in loaded.texts]
    copies = split.copies_of_texts(texts) if texts else split.copies_of(loaded.x)
    if not any(shares.values()):
        return rows, (*given_note(loaded), *short, *overlap_note(rows, copies), *absent_note(loaded, rows))
    train = rows["train"]
    split.check_feasible(strata[train], loaded.classes, shares, options.limit if short else None)
    made = split.cut(train, strata[train], copies[train], shares, options.seed)
    rows |= made.rows
    how = "stratified by class" if loaded.kind == "classification" else "at random"
    sizes = " and ".join(f"{100 * share:g} % {name}" for name, share in shares.items() if share)
    cut_note = f"{sizes} cut {how}, seed {options.seed}"
    told = (*copies_note(made), *overlap_note(rows, copies), *absent_note(loaded, rows))
    return rows, (cut_note, *given_note(loaded), *short, *told)


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
    return ("splits kept as given",) if loaded.given and not loaded.cut and not loaded.in_order else ()


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


def absent_note(loaded: Loaded, rows: dict[str, np.ndarray]) -> tuple[str, ...]:
    """Say how many classes that are trained on have no sample in a held-out split."""
    if loaded.kind != "classification":
        return ()
    seen = {name: set(loaded.y[torch.from_numpy(part)].tolist()) for name, part in rows.items()}
    absent = {name: len(seen["train"] - seen[name]) for name in ("val", "test") if len(rows[name])}
    return tuple(f"{count} of {len(seen['train'])} classes have no sample in {name}"
                 for name, count in absent.items() if count)  # fmt: skip


def check_classes(loaded: Loaded, rows: dict[str, np.ndarray]) -> None:
    """Refuse to train on one class only; a set that is only held out may have any."""
    if loaded.kind != "classification" or not len(rows["train"]):
        return
    seen = loaded.y[torch.from_numpy(rows["train"])].unique()
    if len(seen) < 2:
        only = shorten(loaded.classes[int(seen[0])], 40)
        raise NNArchError(
            f"{loaded.target} has one class only: every one of {len(rows['train']):,} training samples is "
            f"{only!r}; a classifier needs two or more"
        )
