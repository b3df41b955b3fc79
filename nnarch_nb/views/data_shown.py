"""Which split is described, and the sizes that several parts of the picture of data go by."""

from __future__ import annotations

from nnarch_nb.core.data import Data, Split

MOST_CLASSES = 20
MOST_PICTURED = 10


def shown(data: Data) -> tuple[str, Split]:
    """Return the split that is described: train, or what there is."""
    for name, split in (("training", data.train), ("validation", data.val), ("test", data.test)):
        if len(split):
            return name, split
    return "training", data.train


def plural(n: int, one: str, more: str) -> str:
    return f"{n:,} {one if n == 1 else more}"


def one_of_each(data: Data, most: int = MOST_PICTURED) -> list[int]:
    """Return rows of the split that is described: the first of each class, or the first few."""
    _, split = shown(data)
    if data.kind != "classification":
        return list(range(min(most, len(split))))
    first = (
        (split.y == label).nonzero().flatten()[:1].tolist() for label in range(min(most, len(data.classes)))
    )
    return [row for rows in first for row in rows]
