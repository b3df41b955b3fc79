"""The rows of a summary in the order in which they are read: a folded tree, or a ranked list.

Both the html and the text are made from these lines, so that the two never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.summary.columns import ranked
from nnarch_nb.verbs.summary.fold import Branch, tree

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Layer, Summary

MOST_LEVELS = 6  # that can be unfolded below those asked for
DEEPEST = 20  # levels on a page
UNFOLDED = 90  # rows that a page holds, folded ones included
OPEN = 40  # rows that a reader is shown at once


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    name, copies, notes
        How it is called, how many layers it stands for, and what a reader must know beyond its figures.
    layer, one
        The figures of all copies, and of one.
    times
        How many copies of the rows around it there are, so that shares add up.
    level
        How far it is set in.
    whole
        Nothing that is shown lies within.
    group, within
        The number of the rows it folds, 0 for none, and the numbers of those it is folded with.
    """

    name: str
    copies: int
    notes: tuple[str, ...]
    layer: Layer
    one: Layer
    times: int
    level: int
    whole: bool
    group: int = 0
    within: tuple[int, ...] = ()
    is_open: bool = False

    @property
    def label(self) -> str:
        """The line's name as text, such as ``0–31 ×32: Block``."""
        return f"{self.named}: {self.layer.kind}" if self.name else self.layer.kind

    @property
    def named(self) -> str:
        return f"{self.name} ×{self.copies:,}" if self.copies > 1 else self.name

    @property
    def family(self) -> str:
        return layer_family(self.layer.kind)

    @property
    def remarks(self) -> str:
        """What stands in grey beside the name."""
        return ", ".join(self.notes)


@dataclass(frozen=True)
class Place:
    """A branch on its way to become a line."""

    branch: Branch
    level: int
    times: int
    within: tuple[int, ...]


def lines(summary: Summary, unfold: bool = False) -> list[Line]:
    """Return the lines down to the depth asked for, or as deep as a page may be unfolded."""
    if summary.sort is not None:
        return listed(summary, summary.sort)
    branches = tree(summary.visible)
    depth = foldable(branches, summary.depth) if unfold else summary.depth
    return list(walked(summary, branches, depth, opened(branches, summary.depth)))


def opened(branches: Sequence[Branch], asked: int) -> int:
    """Return how deep the table is unfolded at first: as asked, if that is not too long to read."""
    depths = range(1, min(asked, DEEPEST) + 1)
    return max((depth for depth in depths if size(branches, depth) <= OPEN), default=1)


def foldable(branches: Sequence[Branch], asked: int) -> int:
    """Return how deep the table can be unfolded: as deep as asked, and deeper where that is not too long."""
    deepest = min(asked, DEEPEST)
    deeper = range(deepest + 1, deepest + 1 + MOST_LEVELS)
    return max((depth for depth in deeper if size(branches, depth) <= UNFOLDED), default=deepest)


def size(branches: Sequence[Branch], depth: int) -> int:
    """Return how many lines there are down to a depth."""
    waiting, found = list(branches), 0
    while waiting:
        branch = waiting.pop()
        found += 1
        waiting += inside(branch, depth)
    return found


def inside(branch: Branch, depth: int) -> tuple[Branch, ...]:
    return tuple(each for each in branch.inside if each.total.depth <= depth)


def walked(summary: Summary, branches: Sequence[Branch], depth: int, opened: int) -> Iterator[Line]:
    waiting = [Place(branch, 0, 1, ()) for branch in reversed(branches)]
    groups = 0
    while waiting:
        place = waiting.pop()
        shown = inside(place.branch, depth)
        groups += bool(shown)
        yield line(summary, place, groups if shown else 0, bool(shown and shown[0].total.depth <= opened))
        within = (*place.within, groups)
        times = place.times * place.branch.copies
        waiting += [Place(each, place.level + 1, times, within) for each in reversed(shown)]


def line(summary: Summary, place: Place, group: int, is_open: bool) -> Line:
    branch = place.branch
    hidden = branch.leaves if branch.inside and not group else 0
    return Line(
        name=branch.name,
        copies=branch.copies,
        notes=tuple(notes(branch.total, hidden, summary)),
        layer=branch.total,
        one=branch.one,
        times=place.times,
        level=place.level,
        whole=not group,
        group=group,
        within=place.within,
        is_open=is_open,
    )


def listed(summary: Summary, order: str) -> list[Line]:
    """Return a line for each layer that is looked at as a whole, ranked."""
    return [
        Line(row.path or summary.name, 1, tuple(notes(row, 0, summary)), row, row, 1, 0, True)
        for row in ranked(summary.leaves, order)
    ]


def notes(row: Layer, hidden: int, summary: Summary) -> list[str]:
    """Return what a reader must know of a row beyond its figures."""
    frozen = row.params > 0 and row.trainable == 0
    partly = 0 < row.trainable < row.params and (row.leaf or hidden)
    others = [path or summary.name for path in row.shared_with]
    return [
        *([f"{hidden:,} layer{'s' if hidden != 1 else ''}"] if hidden else []),
        *([f"called {row.calls:,} times"] if row.calls > 1 and "calls" not in summary.columns else []),
        *(["not called"] if row.leaf and row.calls == 0 else []),
        *(["frozen"] if frozen else []),
        *(["partly frozen"] if partly else []),
        *([f"shared with {', '.join(others[:2])}{' …' if len(others) > 2 else ''}"] if others else []),
        *(["lazy"] if row.lazy else []),
    ]
