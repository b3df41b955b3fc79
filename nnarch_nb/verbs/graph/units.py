"""What becomes a box of its own, and in which frames it stands, with modules opened as far as wished."""

from __future__ import annotations

from dataclasses import dataclass, field

from nnarch_nb.core.trace import Operation, Row
from nnarch_nb.verbs.graph.calls import Scope
from nnarch_nb.verbs.graph.fold import Part, steps_in
from nnarch_nb.verbs.graph.names import name_in, run_label, titled
from nnarch_nb.verbs.graph.repeats import Repeat


@dataclass(frozen=True)
class Frame:
    """A frame that may be drawn; ``key`` tells it from the others."""

    key: object
    path: str
    type: str
    label: str
    count: int = 1


@dataclass
class Unit:
    """The operations of one box, the module call it is (None for a single operation), and its frames."""

    steps: list[Operation]
    scope: Scope | None
    frames: tuple[Frame, ...]
    repeat: Repeat | None = None
    count: int = 1


@dataclass(frozen=True)
class Opening:
    """Which modules are one box: leaves, those in ``closed``, those below ``depth`` but for ``opened``."""

    rows: dict[str, Row]
    depth: int | None = None
    closed: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()

    def is_closed(self, part: Part) -> bool:
        scope = part.scope
        if scope is None:
            return False
        if scope.side_work:
            return True
        if scope.path in self.closed or self.rows[scope.path].leaf:
            return True
        return self.depth is not None and scope.level >= self.depth and scope.path not in self.opened


@dataclass
class Units:
    """The boxes in the order in which they begin; one call that ran in pieces is one box."""

    opening: Opening
    found: dict[object, Unit] = field(default_factory=dict)

    def take(self, part: Part, frames: tuple[Frame, ...] = (), count: int = 1) -> None:
        """Add the boxes of what is in an open part."""
        for item in part.items:
            if isinstance(item, Operation):
                self.add(item.id, [item], None, frames, None, count)
                continue
            inner, only = count * item.count, single(item)
            if only is not None:
                self.add(only.id, [only], None, frames, item.repeat, inner)
            elif item.scope is not None and self.opening.is_closed(item):
                steps = list(steps_in(item))
                key = (item.scope.key, steps[0].id) if item.scope.side_work else item.scope.key
                self.add(key, steps, item.scope, frames, item.repeat, inner)
            else:
                self.take(item, (*frames, frame_of(item, self.opening.rows)), inner)

    def add(
        self,
        key: object,
        steps: list[Operation],
        scope: Scope | None,
        frames: tuple[Frame, ...],
        repeat: Repeat | None,
        count: int,
    ) -> None:
        known = self.found.setdefault(key, Unit([], scope, frames, repeat, count))
        known.steps += steps


def single(part: Part) -> Operation | None:
    """Return the one step of a run of single steps."""
    only = part.items[0] if part.scope is None and len(part.items) == 1 else None
    return only if isinstance(only, Operation) else None


def frame_of(part: Part, rows: dict[str, Row]) -> Frame:
    scope, repeat = part.scope, part.repeat
    if repeat is not None:
        path = next((item.path for item in repeat.first if item.path), "")
        kind = rows[path].kind if path else ""
        return Frame(
            ("run", repeat.steps[0][0], repeat.count), path, kind, run_label(repeat, rows), repeat.count
        )
    assert scope is not None
    row = rows[scope.path]
    return Frame(scope.key, row.path, row.kind, titled(name_in(row.path, rows), row.kind))
