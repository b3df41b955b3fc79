"""Parts of the run that repeat: alike steps in a row, wired alike, are drawn once.

A run of copies is found by what its steps are, and kept only as far as each copy is wired like the
next: within itself, to the copy before, and to what all copies share. A copy whose result is used
elsewhere, such as a skip of a U-Net, ends the run, so that a folded picture leaves no line out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nnarch_nb.core.trace import Operation, Row
from nnarch_nb.verbs.graph.calls import Item, Scope, operations_in
from nnarch_nb.verbs.graph.flow import Flow
from nnarch_nb.verbs.graph.wiring import Wiring

MOST_CANDIDATES = 12  # periods tried at one place
LEAST_SAVED = 3  # boxes, for a run of single steps


@dataclass(frozen=True)
class Repeat:
    """Copies in a row: the items of each, and its operations, in order."""

    copies: tuple[tuple[Item, ...], ...]
    steps: tuple[tuple[int, ...], ...]

    @property
    def first(self) -> tuple[Item, ...]:
        return self.copies[0]

    @property
    def count(self) -> int:
        return len(self.copies)


class Finder:
    """Finds the runs in one scope after the other; knows what is alike and what is wired to what."""

    def __init__(
        self,
        rows: dict[str, Row],
        flow: Flow,
        unfolded: Callable[[Item], bool],
        closed: frozenset[str] = frozenset(),
    ) -> None:
        self.rows, self.unfolded, self.closed = rows, unfolded, closed
        self.marks: dict[object, int] = {}
        self.wiring = Wiring(flow)

    def mark(self, item: Item) -> int:
        """Return a number that is equal for items of alike steps."""
        if isinstance(item, Operation):
            made = self.rows[item.path].fingerprint if item.kind == "module" else ""
            what: object = (item.kind, item.name, made, item.shapes, item.macs, item.arguments)
        else:
            made = self.rows[item.path].fingerprint
            closed = item.path in self.closed  # one asked for as a box is not like one that is open
            what = (made, closed, item.side_work, tuple(self.mark(inner) for inner in item.items))
        return self.marks.setdefault(what, len(self.marks))

    def sequence(self, items: list[Item]) -> Iterator[Item | Repeat]:
        """Yield the items, with those that repeat as one."""
        marks = [-1 - place if self.unfolded(item) else self.mark(item) for place, item in enumerate(items)]
        following = next_places(marks)
        at = 0
        while at < len(items):
            found = self.best(items, marks, following, at)
            if found is not None and self.begins_better(items, marks, following, at, found):
                found = None
            yield found or items[at]
            at += found.count * len(found.first) if found else 1

    def begins_better(
        self, items: list[Item], marks: list[int], following: list[int], at: int, found: Repeat
    ) -> bool:
        """Whether as many copies begin a little later with weights, as ``Linear, ReLU`` do."""
        if self.has_weights(found.first[0]):
            return False
        for later in range(at + 1, at + len(found.first)):
            if self.has_weights(items[later]):
                other = self.best(items, marks, following, later)
                return other is not None and other.count >= found.count
        return False

    def has_weights(self, item: Item) -> bool:
        is_function = isinstance(item, Operation) and item.kind != "module"
        return not is_function and self.rows[item.path].params > 0

    def best(self, items: list[Item], marks: list[int], following: list[int], at: int) -> Repeat | None:
        """Return the run from here on that saves most boxes."""
        best, covered, place = None, 0, at
        for _ in range(MOST_CANDIDATES):
            place = following[place]
            period = place - at
            if place >= len(items):
                break
            if period < covered:
                continue  # a multiple of a shorter one
            found = self.run(items, marks, at, period)
            if found is not None and (best is None or saved(found) > saved(best)):
                best, covered = found, found.count * period
        return best

    def run(self, items: list[Item], marks: list[int], at: int, period: int) -> Repeat | None:
        """Return the copies from here on with that period which are alike and wired alike."""
        end = at + period
        while end < len(marks) and marks[end] == marks[end - period]:
            end += 1
        starts = range(at, end - period + 1, period)
        if len(starts) < 2:
            return None
        copies = [tuple(items[start : start + period]) for start in starts]
        steps = [tuple(step.id for item in copy for step in operations_in(item)) for copy in copies]
        count = self.wiring.alike(steps, [paths_of(copy) for copy in copies])
        found = Repeat(tuple(copies[:count]), tuple(steps[:count]))
        return found if count > 1 and is_worth(found) else None


def paths_of(copy: tuple[Item, ...]) -> tuple[str, ...]:
    """Return the modules whose calls are in the copy."""
    return tuple(item.path for item in copy if isinstance(item, Scope))


def next_places(marks: list[int]) -> list[int]:
    """Return for each place the next one with the same mark, or the end."""
    following = [len(marks)] * (len(marks) + 1)
    last: dict[int, int] = {}
    for place in range(len(marks) - 1, -1, -1):
        following[place] = last.get(marks[place], len(marks))
        last[marks[place]] = place
    return following


def saved(run: Repeat) -> int:
    return (run.count - 1) * len(run.steps[0])


def is_worth(run: Repeat) -> bool:
    """Whether fewer boxes make up for the frame: always where modules with parts of their own repeat."""
    boxes = sum(1 for item in run.first)
    return any(isinstance(item, Scope) for item in run.first) or (run.count - 1) * boxes >= LEAST_SAVED
