"""The picture of a network in words: its steps in order, numbered, and the frames that they stand in."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nnarch_nb.verbs.graph.shapes import shapes_text
from nnarch_nb.views import numbers

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Edge, Graph, Group, Node

INDENT = "  "


def steps(graph: Graph) -> list[list[str]]:
    """Return a row for each box and each frame, under a heading."""
    into: dict[int, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        into[edge.target].append(edge)
    rows, open_frames = [["no.", "step", "output", "from"]], list[int]()
    for node in graph.nodes:
        frames = frames_of(node, graph.groups)
        for place, frame in enumerate(frames):
            if open_frames[place : place + 1] != [frame]:
                rows.append(["", INDENT * place + graph.groups[frame].label, "", ""])
                open_frames = frames[: place + 1]
        open_frames = frames
        output = shapes_text(node.shapes, graph.per_sample) if node.shapes else numbers.NONE
        origin = came_from(node, into[node.id])
        rows.append([str(node.id + 1), INDENT * len(frames) + named(node), output, origin])
    return rows


def frames_of(node: Node, groups: tuple[Group, ...]) -> list[int]:
    """Return the frames around the box, the outermost first."""
    found, frame = [], node.group
    while frame is not None:
        found.append(frame)
        frame = groups[frame].parent
    return found[::-1]


def named(node: Node) -> str:
    if node.kind in ("input", "output"):
        return node.name
    marks = [word for word, is_so in (("frozen", node.frozen), (node.wrong, node.wrong)) if is_so]
    return ", ".join([node.text, *marks])


def came_from(node: Node, edges: list[Edge]) -> str:
    """Return the numbers of the steps it takes from, unless that is the one on the line above."""
    taken = [edge.source for edge in edges if edge.kind != "repeat"]
    back = [f"{edge.source + 1} before" for edge in edges if edge.kind == "repeat"]
    if taken == [node.id - 1] and not back:
        return ""
    each = {edge.source: edge.each for edge in edges}
    here = [f"{source + 1} each" if each[source] > 1 else str(source + 1) for source in taken]
    return ", ".join([*here, *back])
