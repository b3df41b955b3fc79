"""The picture in Graphviz's language: with its labels for people, without any for the layout.

Graphviz measures text by the fonts of the machine it runs on. The layout must not depend on them, so
it sees boxes of a given size and no text at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphviz import Digraph, escape

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.graph.parts import Direction, Edge, Group, Node
from nnarch_nb.verbs.graph.sizes import LABEL_HEIGHT, Size, label_size, node_size

POINTS = 72  # Graphviz's inch; one of its points is one of our pixels
FILLS = {
    "convolution": "#0072B233",
    "linear": "#009E7333",
    "activation": "#E69F0033",
    "attention": "#CC79A733",
    "recurrent": "#D55E0033",
    "pooling": "#56B4E933",
}
GREY = "#99999933"
EDGE_LOOKS: dict[str, dict[str, str]] = {
    "flow": {},
    "skip": {"penwidth": "2"},
    "repeat": {"style": "dashed", "dir": "back"},
}


def source(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    groups: tuple[Group, ...],
    direction: Direction,
    bare: bool = False,
) -> str:
    """Return the DOT source.

    Parameters
    ----------
    bare
        Sizes in place of text, for the layout.
    """
    digraph = Digraph(graph_attr=graph_attributes(direction, bare), node_attr={"shape": "box"})
    if not bare:
        digraph.attr("node", style="rounded,filled", fontname="Helvetica", fontsize="11")
        digraph.attr("edge", fontname="Helvetica", fontsize="9")
    add_inside(digraph, None, nodes, groups, direction, bare)
    for number, edge in enumerate(edges):
        look = bare_edge(number, edge) if bare else labelled_edge(edge)
        ends = [f"n{edge.source}", f"n{edge.target}"]
        # A line back is laid out like one that passes by, or it would turn the picture over.
        digraph.edge(*(ends[::-1] if edge.kind == "repeat" else ends), **look)
    return str(digraph.source)


def graph_attributes(direction: Direction, bare: bool) -> dict[str, str]:
    attributes = {"rankdir": "TB" if direction == "down" else "LR", "nodesep": "0.25", "ranksep": "0.3"}
    return attributes if bare else {**attributes, "fontname": "Helvetica", "fontsize": "10"}


def add_inside(
    digraph: Digraph,
    frame: int | None,
    nodes: tuple[Node, ...],
    groups: tuple[Group, ...],
    direction: Direction,
    bare: bool,
) -> None:
    """Add what stands directly in a frame, and the frames in it."""
    for node in nodes:
        if node.group == frame:
            digraph.node(f"n{node.id}", **(bare_node(node) if bare else labelled_node(node)))
    for group in groups:
        if group.parent == frame:
            with digraph.subgraph(name=f"cluster_{group.id}") as inner:
                label = block(title_size(group.label, direction)) if bare else escape(group.label)
                inner.attr(label=label, labeljust="l", style="rounded", color="#99999999")
                add_inside(inner, group.id, nodes, groups, direction, bare)


def title_size(label: str, direction: Direction) -> Size:
    """Return the room for the title of a frame: twice its width where lines enter at the top."""
    width, height = label_size(label)
    return (2 * width if direction == "down" else width), height


def labelled_node(node: Node) -> dict[str, Any]:
    fill = FILLS.get(layer_family(node.type), GREY) if node.type else "transparent"
    look = {"label": escape(node.text), "fillcolor": fill, "color": "#999999"}
    if node.frozen:
        look["style"] = "rounded,filled,dashed"
    if node.copies > 1:
        look["peripheries"] = "2"
    if node.wrong:
        look |= {"label": f"{escape(node.text)}\\n{escape(node.wrong)}", "color": "#D55E00", "penwidth": "2"}
    return look


def labelled_edge(edge: Edge) -> dict[str, str]:
    look = EDGE_LOOKS[edge.kind]
    return {**look, "label": escape(edge.label)} if edge.label else look


def bare_node(node: Node) -> dict[str, str]:
    width, height = node_size(node)
    return {
        "label": "",
        "fixedsize": "true",
        "width": f"{width / POINTS:.4f}",
        "height": f"{height / POINTS:.4f}",
    }


def bare_edge(number: int, edge: Edge) -> Mapping[str, str]:
    named = {"key": str(number), "arrowsize": "0.7", "dir": "back" if edge.kind == "repeat" else "forward"}
    return {**named, "label": block(label_size(edge.label))} if edge.label else named


def block(size: Size) -> str:
    """Return a label of a given size without text."""
    width, _ = size
    fixed = f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{LABEL_HEIGHT}" BORDER="0"'
    return f"<<TABLE {fixed}><TR><TD></TD></TR></TABLE>>"
