"""Samples from objects in the notebook: arrays, data sets, loaders, and dicts of them by split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import arrays, dense, foreign, labels, text
from nnarch_nb.verbs.data.datasets import apart, collect, is_pairs
from nnarch_nb.verbs.data.loaded import Loaded, check_lengths, check_order
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.parts import ORDER, Parts, is_frame, is_reader, is_whole, parts_of


def load(source: Any, options: Options, name: str | None = None) -> Loaded:
    """Return the samples in an object.

    Raises
    ------
    NNArchError
        It holds no samples with targets, or its parts do not fit together.
    """
    source = foreign.in_pandas(source)
    if is_frame(source):
        from nnarch_nb.verbs.data import frame

        return frame.load(source, name or "table", options)
    parts = parts_of(source)
    pairs = {split: pair_of(part, split, options) for split, part in parts.items()}
    if any(text.is_text(x) for x, _, _ in pairs.values()):
        options.require_only(("target", *text.TAKES), "texts")
        return texts(pairs, name or "texts", is_whole(source), options)
    tables = any(is_frame(x) for x, _, _ in pairs.values())
    options.require_only(("target", "drop"), "tables by split" if tables else "arrays, data sets and loaders")
    if tables:
        from nnarch_nb.verbs.data import frames

        return frames.load(pairs, options, is_whole(source))
    return joined(pairs, name or name_of(source), whole=is_whole(source), options=options)


def name_of(source: Any) -> str:
    """Return what titles call it: the class of a reader, else the kind of arrays."""
    first = source
    while isinstance(first, (Mapping, tuple, list)) and len(first):
        first = next(iter(first.values())) if isinstance(first, Mapping) else first[0]
    if is_reader(first):
        return type(first).__name__
    return "tensors" if isinstance(first, torch.Tensor) else "arrays"


def pair_of(part: Any, split: str, options: Options) -> tuple[Any, Any, tuple[str, ...]]:
    """Return the samples and targets of one split, and how they were read."""
    target = options.target
    if is_reader(part):
        return collect(part, options.seed)
    if is_pairs(part):
        return *apart(part, f"pairs of {split}"), ()
    if is_frame(part) and target is not None:
        return *cut_off(part, split, options), ()
    if isinstance(part, (tuple, list)) and len(part) == 2:
        return (*part, ())
    if is_frame(part):
        raise NNArchError(f"{split} is a DataFrame: name the column to predict with target=")
    raise NNArchError(
        f"{split} is {shorten(repr(part), 40)}: each split is a pair (x, y), a Dataset or a DataLoader"
    )


def cut_off(table: Any, split: str, options: Options) -> tuple[Any, Any]:
    """Return the features, or the text, and the target column of a DataFrame."""
    from nnarch_nb.verbs.data import frame

    table = frame.named(table, split)
    frame.check_columns(table, split, options)
    if len(options.targets) > 1:
        raise NNArchError("splits as DataFrames take one target: give x and y as arrays for several")
    if options.text is not None:
        return table[options.text], table[options.targets[0]]
    return table.drop(columns=options.targets[0]), table[options.targets[0]]


def texts(pairs: Parts, name: str, whole: bool, options: Options) -> Loaded:
    """Return the texts of all splits with their targets."""
    order = [split for split in ORDER if split in pairs]
    ys = [labels.as_array(pairs[split][1], f"y_{split}") for split in order]
    for split, y in zip(order, ys, strict=True):
        check_order(*pairs[split][:2])
        check_lengths(pairs[split][0], y, "" if split == "train" else f"_{split}")
    samples = [sample for split in order for sample in pairs[split][0]]
    given = {split: len(y) for split, y in zip(order, ys, strict=True)}
    notes = tuple(note for split in order for note in pairs[split][2])
    loaded = text.load(samples, concatenated(ys), name, options, options.target or "y")
    cut = ("val", "test") if whole else ()
    return replace(loaded, given=given, cut=cut, notes=(*notes, *loaded.notes))


def joined(pairs: Parts, name: str, whole: bool, options: Options) -> Loaded:
    """Return all splits as one body of samples that remembers which rows were whose."""
    xs, ys, notes = [], [], []
    for split in (split for split in ORDER if split in pairs):
        where = "" if split == "train" else f"_{split}"
        x, told = arrays.as_samples(pairs[split][0], f"x{where}")
        y = x.numpy() if pairs[split][1] is pairs[split][0] else labels.as_array(pairs[split][1], f"y{where}")
        check_lengths(x, y, where)
        xs.append(x)
        ys.append(y)
        notes += [*pairs[split][2], *told]
        check_same_shape(x, xs[0], f"x{where}")
    x = torch.cat(xs) if len(xs) > 1 else xs[0]
    y = concatenated(ys)
    targets = dense.targets_of(x, y, dense.is_same(pairs)) or labels.encode(
        y, keep_numbers=options.keep_numbers
    )
    given = {split: len(x) for split, x in zip((s for s in ORDER if s in pairs), xs, strict=True)}
    bounds, told = arrays.image_bounds(x)
    return Loaded(
        name=name,
        x=x,
        y=targets.y,
        kind=targets.kind,
        classes=targets.names,
        bounds=bounds,
        target="y",
        given=given,
        cut=("val", "test") if whole else (),
        notes=tuple(dict.fromkeys((*notes, *targets.notes, *told))),
    )


def check_same_shape(x: torch.Tensor, first: torch.Tensor, name: str) -> None:
    if x.shape[1:] != first.shape[1:]:
        raise NNArchError(
            f"samples in {name} have shape {tuple(x.shape[1:])}, those in the first split "
            f"{tuple(first.shape[1:])}: all splits must have one shape"
        )


def concatenated(ys: list[np.ndarray]) -> np.ndarray:
    """Return the targets of all splits in one array."""
    kinds = {("text" if y.dtype.kind in "US" else "floats" if y.dtype.kind == "f" else "classes") for y in ys}
    if len(kinds) > 1:
        raise NNArchError(
            f"the targets of the splits are of different kinds ({', '.join(sorted(kinds))}): use one"
        )
    try:
        return np.concatenate(ys)
    except ValueError as error:
        raise NNArchError(
            f"the targets of the splits differ in shape: {', '.join(str(y.shape) for y in ys)}"
        ) from error
