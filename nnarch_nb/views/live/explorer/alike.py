"""Which modules are drawn by the box or frame of another one, alike, that comes before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nnarch_nb.core.network import above

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph


def copies(graph: Graph) -> dict[str, str]:
    """Return for each module of a folded repeat the one that is drawn for it."""
    found: dict[str, str] = {}
    for path, count in runs(graph):
        members, period = siblings_from(graph, path), period_of(graph, path)
        for place, member in enumerate(members[: count * period]):
            found[member] = members[place % period]
    return found


def drawn_by(graph: Graph, path: str) -> tuple[str, ...]:
    """Return the module and those that its box or frame is drawn for too, also within copies."""
    stands_for = copies(graph)
    alike = (row.path for row in graph.trace.rows if drawn_for(row.path, stands_for) == path)
    return tuple(dict.fromkeys((path, *alike)))


def twins(graph: Graph, path: str) -> tuple[str, ...]:
    """Return the module and the same one in each copy of what it lies in."""
    parent, _, name = path.rpartition(".")
    within = drawn_by(graph, parent) if parent else ()
    return tuple(dict.fromkeys((path, *(f"{copy}.{name}" for copy in within))))


def drawn_for(path: str, stands_for: dict[str, str]) -> str:
    """Return the module that is drawn for this one: itself, unless it is a copy or lies in one."""
    for part in above(path):
        drawn = stands_for.get(part, part)
        if drawn != part:
            return drawn_for(drawn + path[len(part) :], stands_for)
    return path


def runs(graph: Graph) -> Iterator[tuple[str, int]]:
    """Yield the first module of every folded repeat, and how often it repeats."""
    yield from ((frame.path, frame.count) for frame in graph.groups if frame.count > 1)
    yield from ((node.path, node.copies) for node in graph.nodes if node.copies > 1)


def siblings_from(graph: Graph, path: str) -> list[str]:
    """Return the module and those after it in the same parent."""
    parent = path.rpartition(".")[0]
    members = [row.path for row in graph.trace.rows if row.path and row.parent == parent]
    return members[members.index(path) :] if path in members else []


def period_of(graph: Graph, path: str) -> int:
    """Return how many neighbours make up one copy of the repeat that begins here: those that are drawn."""
    count = max((times for first, times in runs(graph) if first == path), default=1)
    members = siblings_from(graph, path)
    drawn = {part for node in graph.nodes for part in above(node.path)}
    last = next((n for n, member in enumerate(members) if n and member not in drawn), len(members))
    return min(last, max(1, len(members) // count))
