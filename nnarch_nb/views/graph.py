"""The picture of a network: inline SVG in the host's colours, the same as PNG, a list of steps as text."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nnarch_nb.core.layers import OTHER, layer_family
from nnarch_nb.views import numbers, traced
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.graph_paint import png
from nnarch_nb.views.graph_svg import svg as svg
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading
from nnarch_nb.views.shapes import written

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph, Node


def html(graph: Graph) -> str:
    return render(
        "graph.html.j2",
        title=graph.name,
        subtitle=subtitle(graph),
        strip=strip(graph),
        picture=Picture(svg(graph), png(graph), alt(graph)),
        legend=legend(graph),
        trust=trust(graph),
    )


def beside(graph: Graph) -> None:
    """Show the explorer too, where it was asked for and there is a page for it."""
    if graph.explored:
        from nnarch_nb.views.live import explorer

        explorer.offer(graph)


def picture(graph: Graph) -> bytes:
    return png(graph)


def text(graph: Graph) -> str:
    sources: dict[int, list[int]] = defaultdict(list)
    for edge in graph.edges:
        sources[edge.target].append(edge.source)
    rows = [["step", "output", "from"]]
    for node in graph.nodes:
        output = written(node.shapes, graph.per_sample) if node.shapes else numbers.NONE
        rows.append([full_name(node), output, came_from(node, sources[node.id], graph.nodes)])
    head = heading(graph.name, subtitle(graph), strip(graph))
    return "\n".join([head, "", columns(rows, left=1), "", trust(graph)])


def full_name(node: Node) -> str:
    if node.kind in ("layer", "group"):
        return f"{node.path}: {node.type}" if node.path else node.type
    return node.name if node.kind in ("input", "output") else node.label


def came_from(node: Node, sources: list[int], nodes: tuple[Node, ...]) -> str:
    """Return the steps it takes from, unless that is the one on the line above."""
    if sources == [node.id - 1] or not sources:
        return ""
    return ", ".join(reference(nodes[source]) for source in sources)


def reference(node: Node) -> str:
    return node.path if node.kind in ("layer", "group") and node.path else full_name(node)


def subtitle(graph: Graph) -> str:
    return f"{graph.given} → {written(graph.output, graph.per_sample)}"


def strip(graph: Graph) -> list[Figure]:
    layers = sum(node.kind == "layer" for node in graph.nodes)
    return [
        Figure(numbers.short(graph.params), "parameters"),
        Figure(traced.macs(graph), traced.macs_of_what(graph)),
        Figure(f"{len(graph.nodes):,}", f"boxes, {layers:,} of them layers"),
        Figure(f"{graph.joins:,}", "join" if graph.joins == 1 else "joins"),
    ]


def legend(graph: Graph) -> list[str]:
    families = dict.fromkeys(layer_family(node.type) for node in graph.nodes if node.type)
    return [family for family in families if family not in (OTHER, "normalization")]


def alt(graph: Graph) -> str:
    return (
        f"Dataflow of {graph.name}, {subtitle(graph)}: {len(graph.nodes)} steps, {graph.joins} joins; "
        f"{', '.join(node.label for node in graph.nodes[:12])}{' …' if len(graph.nodes) > 12 else ''}"
    )


def trust(graph: Graph) -> str:
    batch = "without the batch" if graph.per_sample else "with the batch"
    shapes = f"Shapes, {batch}, stand where they change."
    return " ".join([traced.how(graph), shapes, *traced.remarks(graph), "The model was not touched."])


EXPORTS = {".svg": svg, ".dot": lambda graph: graph.dot}
