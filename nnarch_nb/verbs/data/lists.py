"""Lists of labels as targets: one list a sample, as tags come, made a column of 0 and 1 for each label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnarch_nb.errors import NNArchError

LISTS = (list, tuple, set, frozenset)
MARKS = (";", "|", ",")
AROUND = " []'\""
OFTEN = 0.2  # of the texts, from which on a mark in them parts labels


def is_listed(values: Any) -> bool:
    """Tell whether each target is a list of labels, not a row of as many numbers as every other.

    Examples
    --------
    >>> is_listed([["red"], ["red", "big"]]), is_listed([[1, 0], [0, 1]]), is_listed(["red", "big"])
    (True, False, False)
    """
    if not (isinstance(values, (list, tuple)) or (hasattr(values, "tolist") and values.dtype == object)):
        return False
    items = list(values)
    if not items or not all(isinstance(item, LISTS) for item in items):
        return False
    flat = all(not isinstance(label, LISTS) and np.ndim(label) == 0 for item in items for label in item)
    rows = len({len(item) for item in items}) == 1 and not any(isinstance(i, (set, frozenset)) for i in items)
    words = any(isinstance(label, str) for item in items for label in item)
    return flat and (words or not rows)


def as_objects(values: Iterable[Any]) -> np.ndarray:
    """Return the lists as an array of one dimension."""
    items = [tuple(item) for item in values]
    array = np.empty(len(items), object)
    array[:] = items
    return array


def columns_of(values: Iterable[Any], name: str, most: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a column of 0 and 1 for each label, and their names in order.

    Raises
    ------
    NNArchError
        A label is missing, none is given, or there are too many.
    """
    items = [set(item) for item in values]
    labels = {label for item in items for label in item}
    if any(label is None or label != label for label in labels):
        raise NNArchError(f"{name} has lists of labels with a missing one (None, NaN): take it out first")
    if not 0 < len(labels) <= most:
        raise NNArchError(
            f"{name} has {len(labels):,} different labels in the lists of {len(items):,} samples, which is "
            f"no set of labels to learn"
        )
    order = sorted(labels, key=lambda label: (isinstance(label, str), label))
    return np.array([[label in item for label in order] for item in items], float), tuple(map(str, order))


def joined_note(known: Iterable[str], name: str) -> tuple[str, ...]:
    """Say that classes look like labels joined by a mark, and how to give them apart.

    Examples
    --------
    >>> joined_note(["red;big", "red", "big;old", "old;red"], "tags")[0][:58]
    "tags reads as labels joined by ';', and each combination i"
    >>> joined_note(["Paris, France", "Rome, Italy"], "place")
    ()
    """
    texts = list(known)
    for mark in MARKS:
        parts = Counter(part.strip(AROUND) for text in texts for part in text.split(mark))
        joined = sum(mark in text for text in texts)
        if joined >= OFTEN * len(texts) and len(parts) <= len(texts) and max(parts.values()) > 1:
            return (
                f"{name} reads as labels joined by {mark!r}, and each combination is a class here: for "
                f"labels give lists, as df[{name!r}].str.split({mark!r})",
            )
    return ()
