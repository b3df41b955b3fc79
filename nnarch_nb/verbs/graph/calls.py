"""The run as a tree: which call of which module, and what ran in it, one after the other.

A list of modules is never called. It is no level of its own: its members stand where they are called.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nnarch_nb.core.network import above
from nnarch_nb.core.trace import Operation, Row
from nnarch_nb.verbs.graph.stopped import is_called

Key = tuple[str, int, str]  # a module's path, which of its calls, and of what kind of side work it is a part


@dataclass
class Scope:
    """One call of a module, or side work in it such as ``rotary``, with what ran in it."""

    key: Key
    level: int
    items: list[Scope | Operation] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.key[0]

    @property
    def side_work(self) -> str:
        return self.key[2]


Item = Scope | Operation


def tree_of(steps: tuple[Operation, ...], rows: dict[str, Row], side_work: dict[int, str]) -> Scope:
    """Return the whole run; ``side_work`` names the operations that belong to some."""
    root = Scope(("", 0, ""), 0)
    open_scopes = [root]
    for step in steps:
        keys = keys_of(step, rows, side_work.get(step.id, ""))
        shared = 0
        while shared < min(len(keys), len(open_scopes) - 1) and open_scopes[shared + 1].key == keys[shared]:
            shared += 1
        del open_scopes[shared + 1 :]
        for key in keys[shared:]:
            scope = Scope(key, len(open_scopes))
            open_scopes[-1].items.append(scope)
            open_scopes.append(scope)
        open_scopes[-1].items.append(step)
    return root


def keys_of(step: Operation, rows: dict[str, Row], side_work: str) -> list[Key]:
    """Return the calls that the operation runs in, the outermost first, without the network's own."""
    within = step.path if step.kind == "function" else step.path.rpartition(".")[0]
    calls = dict(step.repeats)
    keys = [(path, calls.get(path, 0), "") for path in above(within) if is_called(rows[path])][::-1]
    return [*keys, (within, calls.get(within, 0), side_work)] if side_work else keys


def operations_in(item: Item) -> list[Operation]:
    """Return everything that ran in it, in order."""
    if isinstance(item, Operation):
        return [item]
    return [step for inner in item.items for step in operations_in(inner)]


def levels(rows: dict[str, Row]) -> dict[str, int]:
    """Return how deep each module lies, lists of modules not counted."""
    return {path: sum(is_called(rows[outer]) for outer in above(path)) for path in rows}
