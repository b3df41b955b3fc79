"""The picture of a network as SVG, light for a notebook, or marked so that a program finds its parts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.graph.shapes import shapes_text
from nnarch_nb.views.page import render
from nnarch_nb.views.theme import family_colour

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Edge, Graph, Node
    from nnarch_nb.verbs.graph.layout import Line

WIDEST = 1100  # a wider picture scrolls: shrunk to the page it could not be read


def svg(graph: Graph, marked: bool = False) -> str:
    """Return the picture as SVG that takes the colour of the text around it.

    Parameters
    ----------
    marked
        Keep each part apart and findable. Promised are: for each box
        ``<g class="nn-node" data-node="ID" data-path="PATH" data-kind="KIND" data-count="N"
        tabindex="-1">`` with ``ID`` and the rest as in ``Graph.nodes``; for each frame ``<g class="nn-frame" data-path="PATH"
        data-count="N">`` as in ``Graph.groups``; for each line ``<path class="nn-edge" data-source="ID"
        data-target="ID" data-kind="KIND">`` as in ``Graph.edges``. What is in them may change.
    """
    layout, edges = graph.layout, list(zip(graph.layout.lines, graph.edges, strict=True))
    return render(
        "graph_marked.svg.j2" if marked else "graph.svg.j2",
        width=layout.width,
        height=layout.height,
        wide=layout.width > WIDEST,
        frames=list(zip(layout.frames, graph.groups, strict=True)),
        lines=[
            {"edge": edge, "look": EDGE_LOOKS[edge.kind], "curve": curve(line), "head": head(line)}
            for line, edge in edges
        ],
        strokes=strokes(edges),
        heads="".join(head(line) for line, _ in edges),
        labels=[(line.label[0], line.label[1] + 4, edge.label) for line, edge in edges if line.label],
        styles=by_colour(graph),
    )


# How lines look: stroke width and dashes.
EDGE_LOOKS = {
    "flow": {"width": 1, "dashes": ""},
    "skip": {"width": 2, "dashes": ""},
    "repeat": {"width": 1, "dashes": "4 3"},
}


def strokes(edges: list[tuple[Line, Edge]]) -> list[tuple[dict[str, object], str]]:
    """Return the curves of each look as one."""
    curves: dict[str, str] = defaultdict(str)
    for line, edge in edges:
        curves[edge.kind] += curve(line)
    return [(EDGE_LOOKS[kind], joined) for kind, joined in curves.items()]


def by_colour(graph: Graph) -> dict[str, list[dict[str, object]]]:
    styles: dict[str, list[dict[str, object]]] = defaultdict(list)
    for node in graph.nodes:
        styles[family_colour(layer_family(node.type)) if node.type else ""].append(drawn(node, graph))
    return styles


def drawn(node: Node, graph: Graph) -> dict[str, object]:
    box = graph.layout.boxes[node.id]
    mono = node.name if node.name and node.kind != "output" and node.label.startswith(node.name) else ""
    return {
        "node": node,
        "box": box,
        "title": tooltip(node, graph),
        "x": box.middle[0] + (2 if node.type else 0),
        "y": box.middle[1] + 4,
        "mono": mono,
        "rest": node.label[len(mono) :],
    }


def tooltip(node: Node, graph: Graph) -> str:
    parts = [
        node.path or node.name,
        node.type,
        f"gives {shapes_text(node.shapes, graph.per_sample)}" if node.shapes else "",
        f"{node.params:,} parameters" if node.params else "",
        f"{node.macs:,} MACs" if node.macs else "",
    ]
    return " · ".join(part for part in parts if part)


def curve(line: Line) -> str:
    (x, y), *rest = line.points
    return f"M{x} {y}C" + " ".join(f"{x} {y}" for x, y in rest)


def head(line: Line) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in line.head) + "Z"
