"""The rows of a built network's tree: as many as a reader takes in at once, the rest folded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnarch_nb.views.network_tree import Node

OPEN = 40  # rows that a reader is shown at once
UNFOLDED = 100  # rows that a page holds, folded ones included
DEEPEST = 20  # levels on a page


@dataclass(frozen=True)
class Line:
    """One row: a node, how far it is set in, and with what it folds."""

    node: Node
    level: int
    group: int = 0
    within: tuple[int, ...] = ()
    is_open: bool = False

    @property
    def classes(self) -> str:
        return " ".join(f"i{group}" for group in self.within)

    @property
    def note(self) -> str:
        """What stands in grey: how many layers a row stands for whose insides have no rows."""
        folded = f"{self.node.leaves:,} layers" if self.node.inside and not self.group else ""
        return ", ".join(filter(None, [self.node.note, folded]))


def lines(found: tuple[Node, ...], unfold: bool) -> list[Line]:
    """Return the rows: as deep as a reader takes in at once, or as a page may be unfolded."""
    opened = deepest(found, OPEN)
    return list(walked(found, max(opened, deepest(found, UNFOLDED)) if unfold else opened, opened))


def deepest(found: tuple[Node, ...], most: int) -> int:
    """Return how many levels there are rows for."""
    return max((levels for levels in range(1, DEEPEST) if size(found, levels) <= most), default=1)


def size(found: tuple[Node, ...], levels: int) -> int:
    return len(found) + (sum(size(each.inside, levels - 1) for each in found) if levels > 1 else 0)


def walked(found: tuple[Node, ...], levels: int, opened: int) -> Iterator[Line]:
    waiting: list[tuple[Node, int, tuple[int, ...]]] = [(each, 0, ()) for each in reversed(found)]
    groups = 0
    while waiting:
        each, level, within = waiting.pop()
        folds = bool(each.inside) and level + 1 < levels
        groups += folds
        yield Line(each, level, groups if folds else 0, within, level + 1 < opened)
        if folds:
            waiting += [(inner, level + 1, (*within, groups)) for inner in reversed(each.inside)]
