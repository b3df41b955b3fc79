"""Frames around the boxes of one module, where they help: around two boxes or more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from nnarch_nb.core.trace import Row
from nnarch_nb.verbs.graph import Group, Node
from nnarch_nb.verbs.graph.boxes import titled
from nnarch_nb.verbs.graph.flow import Flow


def scattered(flow: Flow, rows: dict[str, Row]) -> frozenset[str]:
    """Return the lists of modules whose members run apart from one another, such as the stages of a U-Net.

    A frame or box around them would have the dataflow leave it and come back, against its direction.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, step in enumerate(flow.steps):
        for path in above(step.path):
            places[path].append(place)
    apart = (path for path, at in places.items() if at[-1] - at[0] >= len(at))
    return frozenset(path for path in apart if not rows[path].calls)


def framed(
    nodes: tuple[Node, ...], rows: dict[str, Row], loose: frozenset[str]
) -> tuple[tuple[Node, ...], tuple[Group, ...]]:
    """Return the nodes, each with the frame it stands in, and the frames, outer before inner."""
    within = Counter(path for node in nodes for path in above(owner(node)))
    within = Counter({path: count for path, count in within.items() if path not in loose})
    useful = [path for path, count in within.items() if count > 1 and not same_inside(path, within)]
    placed = tuple(replace(node, group=nearest(owner(node), useful)) for node in nodes)
    groups = (group_of(path, rows[path], useful) for path in sorted(useful, key=lambda p: p.count(".")))
    return placed, tuple(groups)


def owner(node: Node) -> str:
    """Return the module whose frame the box stands in."""
    if node.kind in ("input", "output", "more"):
        return ""
    return node.path if node.kind == "function" else node.path.rpartition(".")[0]


def above(path: str) -> Iterator[str]:
    """Yield the path and those above it, without the network's own."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def same_inside(path: str, within: Counter[str]) -> bool:
    """Whether a frame within holds the very same boxes, so that this one would only double it."""
    return any(inner.startswith(path + ".") and count == within[path] for inner, count in within.items())


def nearest(path: str, useful: list[str]) -> str | None:
    return next((place for place in above(path) if place in useful), None)


def group_of(path: str, row: Row, useful: list[str]) -> Group:
    parent = nearest(path.rpartition(".")[0], useful)
    return Group(path, parent, titled(path.removeprefix(f"{parent}."), row.kind))
