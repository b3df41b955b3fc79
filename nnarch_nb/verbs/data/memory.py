"""Samples from objects in the notebook: arrays, data sets, loaders, and dicts of them by split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.verbs.data import arrays, dense, labels, text
from nnarch_nb.verbs.data.datasets import apart, collect, is_pairs
from nnarch_nb.verbs.data.loaded import Loaded, check_lengths
from nnarch_nb.verbs.data.options import Options

ADVICE = (
    "give a name, a file, (x, y), (x, y, x_val, y_val), a DataFrame with target=, a Dataset, a DataLoader, "
    "or a dict with train, val and test"
)
ORDER = ("train", "val", "test")
SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val", "test": "test"}
KEYS = {"x": ("train", 0), "y": ("train", 1)} | {
    f"{axis}_{alias}": (split, number) for alias, split in SPLITS.items() for number, axis in enumerate("xy")
}
Parts = dict[str, Any]


def load(source: Any, options: Options, name: str | None = None) -> Loaded:
    """Return the samples in an object.

    Raises
    ------
    NNArchError
        It holds no samples with targets, or its parts do not fit together.
    """
    if is_frame(source):
        from nnarch_nb.verbs.data import frame

        return frame.load(source, name or "table", options)
    parts = parts_of(source)
    pairs = {split: pair_of(part, split, options) for split, part in parts.items()}
    if any(text.is_text(x) for x, _, _ in pairs.values()):
        options.require_only(("target", *text.TAKES), "texts")
        return texts(pairs, name or "texts", is_whole(source), options)
    options.require_only(("target", "drop"), "samples in memory that are no table")
    if any(is_frame(x) for x, _, _ in pairs.values()):
        from nnarch_nb.verbs.data import frames

        return frames.load(pairs, options, is_whole(source))
    return joined(pairs, name or name_of(source), whole=is_whole(source), options=options)


def is_frame(value: Any) -> bool:
    return type(value).__name__ == "DataFrame" and hasattr(value, "columns")


def is_reader(value: Any) -> bool:
    return isinstance(value, (Dataset, DataLoader))


def name_of(source: Any) -> str:
    """Return what titles call it: the class of a reader, else the kind of arrays."""
    first = source
    while isinstance(first, (Mapping, tuple, list)) and len(first):
        first = next(iter(first.values())) if isinstance(first, Mapping) else first[0]
    if is_reader(first):
        return type(first).__name__
    return "tensors" if isinstance(first, torch.Tensor) else "arrays"


def is_whole(source: Any) -> bool:
    """Tell whether the source is one body of samples, to be cut, rather than splits, to be kept."""
    pair = isinstance(source, (tuple, list)) and len(source) == 2 and not is_reader(source[0])
    return (
        is_reader(source)
        or is_pairs(source)
        or pair
        or is_bunch(source)
        or (isinstance(source, Mapping) and set(source) == {"x", "y"})
    )


def is_bunch(source: Any) -> bool:
    """Tell whether this is what scikit-learn's loaders return."""
    return isinstance(source, Mapping) and "data" in source and "target" in source


def parts_of(source: Any) -> Parts:
    """Return what stands for each split: a pair, a data set or a loader."""
    if isinstance(source, Mapping):
        return parts_of_dict(source)
    if is_reader(source) or is_pairs(source):
        return {"train": source}
    if isinstance(source, (tuple, list)):
        if source and all(is_reader(part) for part in source) and len(source) <= 3:
            return dict(zip(ORDER, source, strict=False))
        if len(source) in (2, 4, 6):
            return dict(zip(ORDER, zip(source[::2], source[1::2], strict=True), strict=False))
        raise NNArchError(
            f"a {type(source).__name__} of {len(source)} is not (x, y) or (x, y, x_val, y_val): {ADVICE}"
        )
    if isinstance(source, torch.Tensor) or hasattr(source, "__array__"):
        raise NNArchError(f"a {type(source).__name__} alone has no targets: give (x, y)")
    raise NNArchError(f"cannot make data from {shorten(repr(source))} ({type(source).__name__}): {ADVICE}")


def parts_of_dict(source: Mapping[Any, Any]) -> Parts:
    if is_bunch(source):
        return {"train": (source["data"], source["target"])}
    if source and all(key in SPLITS for key in source):
        return {SPLITS[key]: part for key, part in source.items()}
    odd = next((key for key in source if key not in KEYS and key not in SPLITS), None)
    odd = odd if odd is not None else next((key for key in source if key not in KEYS), None)
    if odd is not None:
        hint = "" if odd in SPLITS else did_you_mean(str(odd), [*KEYS, *SPLITS])
        raise NNArchError(
            f"a dict of data has no place for {shorten(repr(odd), 40)}.{hint} "
            f"Its keys are x, y, x_val, y_val, x_test, y_test, or else train, val, test."
        )
    pairs: dict[str, list[Any]] = {}
    for key, value in source.items():
        split, number = KEYS[key]
        pairs.setdefault(split, [None, None])[number] = value
    for split, (x, y) in pairs.items():
        if x is None or y is None:
            raise NNArchError(
                f"the dict has {'y' if x is None else 'x'} but no {'x' if x is None else 'y'} for {split}"
            )
    if not pairs:
        raise NNArchError(f"the dict is empty: {ADVICE}")
    return {split: tuple(pair) for split, pair in pairs.items()}


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
