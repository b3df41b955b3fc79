"""The picture of a network as SVG, light for a notebook, or marked so that a program finds its parts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from nnarch_nb.verbs.graph.shapes import shapes_text
from nnarch_nb.verbs.graph.sizes import name_in_label
from nnarch_nb.views.graph_look import FROZEN, STROKES, Paint, Stroke, paint_of
from nnarch_nb.views.graph_paths import curve, head, titles
from nnarch_nb.views.page import render

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Edge, Graph, Node
    from nnarch_nb.verbs.graph.layout import Line

MOST_MONOSPACED = 60  # boxes; beyond, only the marked picture sets names apart: a notebook stays light
WIDEST = 1100  # a wider picture scrolls: shrunk to the page it could not be read


def svg(graph: Graph, marked: bool = False) -> str:
    """Return the picture as SVG that takes the colour of the text around it.

    Parameters
    ----------
    marked
        Keep each part apart and findable. Promised are: for each box
        ``<g class="nn-node" data-node="ID" data-path="PATH" data-kind="KIND" data-count="COPIES"
        tabindex="-1">`` as in ``Graph.nodes``; for each frame ``<g class="nn-frame" data-frame="ID"
        data-path="PATH" data-count="N">`` as in ``Graph.groups``; for each line ``<path class="nn-edge"
        data-source="ID" data-target="ID" data-kind="KIND">`` as in ``Graph.edges``. What is in them may
        change.
    """
    layout, edges = graph.layout, list(zip(graph.layout.lines, graph.edges, strict=True))
    return render(
        "graph_marked.svg.j2" if marked else "graph.svg.j2",
        width=layout.width,
        height=layout.height,
        wide=layout.width > WIDEST,
        frames=list(zip(layout.frames, graph.groups, titles(graph), strict=True)),
        lines=[(edge, STROKES[edge.kind], curve(line)) for line, edge in edges],
        strokes=strokes(edges),
        heads="".join(head(line) for line, _ in edges),
        labels=[(line.label[0], line.label[1] + 4, edge.label) for line, edge in edges if line.label],
        styles=by_paint(graph, apart=marked or len(graph.nodes) <= MOST_MONOSPACED),
        frozen=FROZEN,
    )


def strokes(edges: list[tuple[Line, Edge]]) -> list[tuple[Stroke, str]]:
    """Return the curves of each look as one."""
    curves: dict[str, str] = defaultdict(str)
    for line, edge in edges:
        curves[edge.kind] += curve(line)
    return [(STROKES[kind], joined) for kind, joined in curves.items()]


def by_paint(graph: Graph, apart: bool) -> dict[Paint, list[dict[str, Any]]]:
    styles: dict[Paint, list[dict[str, Any]]] = defaultdict(list)
    for node in graph.nodes:
        styles[paint_of(node, graph)].append(drawn(node, graph, apart))
    return styles


def drawn(node: Node, graph: Graph, apart: bool) -> dict[str, Any]:
    """Return what the template needs of a box; ``apart`` sets its attribute's name in a font of its own."""
    box = graph.layout.boxes[node.id]
    mono = name_in_label(node) if apart and node.kind != "output" else ""
    return {
        "node": node,
        "box": box,
        "title": tooltip(node, graph),
        "x": box.middle[0] + (2 if node.type and not graph.heat else 0),
        "y": box.middle[1] + (-2 if node.wrong else 4),
        "mono": mono,
        "rest": node.text[len(mono) :],
    }


def tooltip(node: Node, graph: Graph) -> str:
    """Return what a box says of itself when pointed at; what it has written on it already is left out."""
    parts = [
        node.path or node.name,
        node.type if node.type not in node.label else "",
        f"gives {shapes_text(node.shapes, graph.per_sample)}" if node.shapes else "",
        f"{node.params:,} parameters" if node.params else "",
        f"{node.macs:,} MACs" if node.macs else "",
        "each" if node.count > 1 and (node.params or node.macs) else "",
        f"the same module, call {node.call} of {node.calls}" if node.calls > 1 else "",
        "frozen" if node.frozen else "",
        f"weights shared with {', '.join(node.shared)}" if node.shared else "",
        node.wrong,
    ]
    return " · ".join(part for part in parts if part)
