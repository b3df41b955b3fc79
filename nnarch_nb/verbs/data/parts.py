"""What stands for which split in an object: pairs, readers or tables, told by keys or by order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.verbs.data.datasets import is_pairs

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


def is_frame(value: Any) -> bool:
    return type(value).__name__ == "DataFrame" and hasattr(value, "columns")


def is_reader(value: Any) -> bool:
    return isinstance(value, (Dataset, DataLoader))


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
