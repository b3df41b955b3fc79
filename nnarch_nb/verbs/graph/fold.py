"""The folded run: each part that repeats once, with the lines between what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import NamedTuple

from nnarch_nb.core.trace import Edge, Operation, Shape
from nnarch_nb.verbs.graph.calls import Scope, operations_in
from nnarch_nb.verbs.graph.parts import EdgeKind
from nnarch_nb.verbs.graph.repeats import Finder, Repeat


class Wire(NamedTuple):
    """A tensor from one operation to another, after folding."""

    source: int
    target: int
    shape: Shape
    kind: EdgeKind = "flow"
    each: int = 1
    loop: tuple[int, int] = (
        0,
        0,
    )  # of which run it is the line back: its first step, and how many a copy has


@dataclass
class Part:
    """What is left of a scope: operations, parts in it, and how many copies it stands for.

    ``scope`` is None for a run of several items, which is no call of one module.
    """

    scope: Scope | None
    repeat: Repeat | None = None
    items: list[Part | Operation] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.repeat.count if self.repeat else 1


@dataclass(frozen=True)
class Folded:
    """The whole: its parts, the lines, and for each operation left those it is drawn for, itself included.

    ``macs`` is what all of those cost together.
    """

    root: Part
    wires: tuple[Wire, ...]
    drawn_for: dict[int, list[int]]
    macs: dict[int, int]


def folded(root: Scope, edges: tuple[Edge, ...], finder: Finder) -> Folded:
    """Return the run with everything that repeats once."""
    whole = part_of(root, finder)
    wires = tuple(Wire(edge.source, edge.target, edge.shape) for edge in edges)
    alike: dict[int, int] = {}
    for repeat in repeats_in(whole):
        wires = tuple(without_copies(wires, repeat))
        alike |= {
            step: first
            for each in repeat.steps[1:]
            for step, first in zip(each, repeat.steps[0], strict=True)
        }
    drawn_for = groups_of(whole, alike)
    cost = {step.id: step.macs for step in operations_in(root)}
    macs = {step: sum(cost[each] for each in group) for step, group in drawn_for.items()}
    return Folded(whole, wires, drawn_for, macs)


def part_of(scope: Scope, finder: Finder) -> Part:
    part = Part(scope)
    for item in finder.sequence(scope.items):
        if isinstance(item, Operation):
            part.items.append(item)
        elif isinstance(item, Scope):
            part.items.append(part_of(item, finder))
        else:
            part.items.append(run_of(item, finder))
    return part


def run_of(repeat: Repeat, finder: Finder) -> Part:
    """Return the first copy of a run; its items may repeat within, as those of a pair do not."""
    if len(repeat.first) == 1 and isinstance(repeat.first[0], Scope):
        part = part_of(repeat.first[0], finder)
        part.repeat = repeat
        return part
    inner = part_of(Scope(("", 0, ""), 0, list(repeat.first)), finder)
    return Part(None, repeat, inner.items)


def repeats_in(part: Part) -> Iterator[Repeat]:
    """Yield the runs, an outer one before those in it."""
    if part.repeat:
        yield part.repeat
    for item in part.items:
        if isinstance(item, Part):
            yield from repeats_in(item)


def without_copies(wires: tuple[Wire, ...], repeat: Repeat) -> Iterator[Wire]:
    """Yield the lines with one copy in place of all: those into it, within it, on to the next, and out."""
    place = {step: (copy, i) for copy, each in enumerate(repeat.steps) for i, step in enumerate(each)}
    first, last = repeat.steps[0], repeat.count - 1
    taps = common_taps(wires, place, repeat.count)
    for wire in wires:
        (source, i), (target, _) = place.get(wire.source, (None, 0)), place.get(wire.target, (None, 0))
        if source is None:
            if not target:  # what the others share enters the first
                yield wire
        elif target is None:
            if source == last:
                whole = taps[i, wire.target] > 0  # of what the last gives, as much as all of them give
                taps[i, wire.target] -= 1
                yield wire._replace(source=first[i], each=wire.each * (repeat.count if whole else 1))
        elif source == target == 0:
            yield wire
        elif (source, target) == (0, 1):
            loop = (first[0], len(first))
            yield wire._replace(target=first[place[wire.target][1]], kind="repeat", loop=loop)


def common_taps(
    wires: tuple[Wire, ...], place: dict[int, tuple[int, int]], copies: int
) -> Counter[tuple[int, int]]:
    """Return how often every copy gives what one of its steps made to a step outside."""
    given = [Counter[tuple[int, int]]() for _ in range(copies)]
    for wire in wires:
        if wire.source in place and wire.target not in place:
            copy, i = place[wire.source]
            given[copy][i, wire.target] += 1
    return reduce(and_, given)


def groups_of(whole: Part, alike: dict[int, int]) -> dict[int, list[int]]:
    """Return for each operation that is left those that it is drawn for."""
    drawn: dict[int, list[int]] = {step.id: [step.id] for step in steps_in(whole)}
    for step in alike:
        first = step
        while first in alike:
            first = alike[first]
        drawn[first].append(step)
    return drawn


def steps_in(part: Part) -> Iterator[Operation]:
    for item in part.items:
        if isinstance(item, Part):
            yield from steps_in(item)
        else:
            yield item
