"""Whether copies are wired alike: what each of their steps takes, from where, and by what views.

The first copy differs from the others in what they take from the copy before them: it takes that from
outside, or from nothing, as the first state of a recurrent cell is a constant that no line leads from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

from nnarch_nb.core.trace import Operation
from nnarch_nb.verbs.graph.flow import Flow

LEAST_WALK = 3  # copies that take one part after the other: two may as well take turns
Steps = list[tuple[int, ...]]


class Role(NamedTuple):
    """Where a tensor comes from: how many copies before (None for outside), which, and by what views."""

    back: int | None
    source: object
    views: tuple[str, ...] = ()


Roles = dict[int, Role]  # by the place of the tensor among those that the step takes


class Wiring:
    """What is wired to what."""

    def __init__(self, flow: Flow) -> None:
        self.through = flow.through
        self.steps = {step.id: step for step in flow.steps}
        self.into: dict[int, dict[int, int]] = defaultdict(dict)
        self.out: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.constants: dict[int, dict[int, str]] = defaultdict(dict)
        for edge in flow.edges:
            self.into[edge.target][edge.place] = edge.source
            self.out[edge.source].append((edge.target, edge.place))
        for (step, place), text in flow.constants.items():
            self.constants[step][place] = text

    def alike(self, steps: Steps, within: list[tuple[str, ...]]) -> int:
        """Return how many copies from the first on are wired like it; ``within`` names their modules."""
        copies = {step: (copy, i) for copy, each in enumerate(steps) for i, step in enumerate(each)}
        plan = [self.roles(step, copies, 1) for step in steps[1]]
        pairs = zip(steps[0], steps[1], plan, strict=True)
        if not all(self.fits(first, second, roles, copies, within) for first, second, roles in pairs):
            return 1
        count = 2
        while count < len(steps) and plan == [self.roles(step, copies, count) for step in steps[count]]:
            count += 1
        return self.cut(steps[: self.walking(steps[:count], plan, within)])

    def roles(self, step: int, copies: dict[int, tuple[int, int]], copy: int) -> Roles:
        """Return what comes to the step: from this copy, the one before, or outside."""
        found = {place: Role(None, text) for place, text in self.constants[step].items()}
        for place, source in self.into[step].items():
            other, number = copies.get(source, (None, source))
            found[place] = Role(None if other is None else copy - other, number, self.views(step, place))
        return found

    def views(self, step: int, place: int, within: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return the views on the way, those in some modules alone where asked so."""
        return tuple(f"{view.name}{view.arguments}" for view in self.rearranging(step, place, within))

    def rearranging(self, step: int, place: int, within: tuple[str, ...] | None) -> list[Operation]:
        views = self.through.get((step, place), ())
        return [view for view in views if within is None or is_within(view.path, within)]

    def fits(
        self,
        first: int,
        second: int,
        roles: Roles,
        copies: dict[int, tuple[int, int]],
        within: list[tuple[str, ...]],
    ) -> bool:
        """Whether the first copy's step is wired like the second's, but for what that one takes from it."""
        mine = self.roles(first, copies, 0)
        for place, role in roles.items():
            own = mine.pop(place, None)
            if role.back != 1:
                if own != role:
                    return False
            elif own is not None and isinstance(own.source, int):
                inside = self.views(first, place, within[0]) == self.views(second, place, within[1])
                if own.back is not None or not inside:
                    return False
        return not mine

    def walking(self, steps: Steps, plan: list[Roles], within: list[tuple[str, ...]]) -> int:
        """Return how many copies take parts that lie equally far apart, as those of a loop over time do."""
        places = [self.indices(each, plan, own) for each, own in zip(steps, within, strict=False)]
        strides = [[b - a for a, b in zip(*pair, strict=False)] for pair in pairwise(places)]
        count = next((copy + 1 for copy, each in enumerate(strides) if each != strides[0]), len(steps))
        return count if count >= LEAST_WALK or not any(strides[0]) else 1

    def indices(self, steps: tuple[int, ...], plan: list[Roles], within: tuple[str, ...]) -> list[int]:
        """Return the numbers in the indices of one copy; what it takes over is indexed by itself alone."""
        found: list[int] = []
        for step, roles in zip(steps, plan, strict=True):
            found += self.steps[step].index
            for place, role in sorted(roles.items()):
                views = self.rearranging(step, place, within if role.back == 1 else None)
                found += [number for view in views for number in view.index]
        return found

    def cut(self, steps: Steps) -> int:
        """Return how many copies give to the outside alike; the last may give more."""
        inside = {step for each in steps for step in each}
        given = [[self.given(step, inside) for step in each] for each in steps]
        for copy in range(len(steps) - 1):
            if given[copy] != given[0]:
                return copy + 1
        return len(steps) if all(map(Counter.__le__, given[0], given[-1])) else 1

    def given(self, step: int, inside: set[int]) -> Counter[object]:
        return Counter((to, self.views(to, place)) for to, place in self.out[step] if to not in inside)


def is_within(path: str, modules: tuple[str, ...]) -> bool:
    return any(f"{path}.".startswith(f"{module}.") for module in modules)
