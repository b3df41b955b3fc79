"""Parts of the run that repeat: alike steps in a row, wired alike, are drawn once.

A run of copies is found by what its steps are, and kept only as far as each copy is wired like the
next: within itself, to the copy before, and to what all copies share. A copy whose result is used
elsewhere, such as a skip of a U-Net, ends the run, so that a folded picture leaves no line out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nnarch_nb.core.trace import Edge, Operation, Row
from nnarch_nb.verbs.graph.calls import Item, Scope, operations_in

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


Wires = dict[int, list[int]]


class Finder:
    """Finds the runs in one scope after the other; knows what is alike and what is wired to what."""

    def __init__(
        self, rows: dict[str, Row], edges: tuple[Edge, ...], unfolded: Callable[[Item], bool]
    ) -> None:
        self.rows, self.unfolded = rows, unfolded
        self.marks: dict[object, int] = {}
        self.into: Wires = defaultdict(list)
        self.out: Wires = defaultdict(list)
        for edge in edges:
            self.into[edge.target].append(edge.source)
            self.out[edge.source].append(edge.target)

    def mark(self, item: Item) -> int:
        """Return a number that is equal for items of alike steps."""
        if isinstance(item, Operation):
            made = self.rows[item.path].fingerprint if item.kind == "module" else ""
            what: object = (item.kind, item.name, made, item.shapes, item.macs)
        else:
            made = self.rows[item.path].fingerprint
            what = (made, item.side_work, tuple(self.mark(inner) for inner in item.items))
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
        count = self.wired_alike(steps)
        found = Repeat(tuple(copies[:count]), tuple(steps[:count]))
        return found if count > 1 and is_worth(found) else None

    def wired_alike(self, steps: list[tuple[int, ...]]) -> int:
        """Return how many copies from the first on are wired like it."""
        place = {step: (copy, i) for copy, each in enumerate(steps) for i, step in enumerate(each)}
        plan = [self.roles(step, place, 1) for step in steps[1]]
        if any(
            not fits(self.roles(step, place, 0), roles) for step, roles in zip(steps[0], plan, strict=True)
        ):
            return 1
        count = 2
        while count < len(steps) and plan == [self.roles(step, place, count) for step in steps[count]]:
            count += 1
        return self.cut(steps[:count])

    def roles(self, step: int, place: dict[int, tuple[int, int]], copy: int) -> list[tuple[object, int]]:
        """Return where each input comes from: this copy, the one before, or outside."""
        found: list[tuple[object, int]] = []
        for source in self.into[step]:
            at, number = place.get(source, (None, source))
            found.append((None if at is None else copy - at, number))
        return found

    def cut(self, steps: list[tuple[int, ...]]) -> int:
        """Return how many copies give to the outside alike; the last may give more."""
        inside = {step for each in steps for step in each}
        given = [[Counter(t for t in self.out[step] if t not in inside) for step in each] for each in steps]
        for copy in range(len(steps) - 1):
            if given[copy] != given[0]:
                return copy + 1
        return len(steps) if all(map(Counter.__le__, given[0], given[-1])) else 1


def fits(first: list[tuple[object, int]], second: list[tuple[object, int]]) -> bool:
    """Whether the first copy is wired like the second; what that one takes from it, it takes from outside.

    That may be a constant, as the first state of a recurrent cell is, which no line leads from.
    """
    rest = list(first)
    for role in second:
        if role[0] != 1:
            if role not in rest:
                return False
            rest.remove(role)
    carried = sum(role[0] == 1 for role in second)
    return len(rest) <= carried and all(role[0] is None for role in rest)


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
