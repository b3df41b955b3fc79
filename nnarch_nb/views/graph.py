"""The picture of a network: inline SVG in the host's colours, the same as PNG, a list of steps as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers, traced
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.graph_look import legend
from nnarch_nb.views.graph_paint import png
from nnarch_nb.views.graph_svg import svg as svg
from nnarch_nb.views.graph_text import steps
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading
from nnarch_nb.views.shapes import written

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph

BARE = ("svg", "png")  # the picture alone
MOST_BYTES = 36_000  # of the drawing and its fallback, so that the whole stays below 40 kB
FEW_PIXELS = 30_000


def html(graph: Graph) -> str:
    return render(
        "graph_bare.html.j2" if graph.format in BARE else "graph.html.j2",
        title=graph.name,
        subtitle=subtitle(graph),
        strip=strip(graph),
        failure=graph.failure,
        source=SOURCES[graph.format](graph) if graph.format in SOURCES else "",
        picture=drawing(graph),
        legend=[] if graph.format in SOURCES else legend(graph),
        measured=graph.heat == "time",
        trust=trust(graph),
    )


def drawing(graph: Graph) -> Picture:
    """Return the picture in the forms asked for; the pixels always, where an SVG may be taken out."""
    inline = "" if graph.format == "png" else svg(graph)
    pixels = png(graph)
    if inline and len(inline) + len(pixels) * 4 // 3 > MOST_BYTES:
        pixels = png(graph, FEW_PIXELS)
    return Picture(inline, pixels, alt(graph))


def beside(graph: Graph) -> None:
    """Show the explorer too, where it was asked for and there is a page for it."""
    if graph.explored:
        from nnarch_nb.views.live import explorer

        explorer.offer(graph)


def picture(graph: Graph) -> bytes:
    return png(graph)


def text(graph: Graph) -> str:
    if graph.format in SOURCES:
        return SOURCES[graph.format](graph)
    head = heading(graph.name, subtitle(graph), strip(graph))
    failure = [f"{graph.failure}.", ""] if graph.failure else []
    return "\n".join([head, "", *failure, columns(steps(graph), left=2), "", trust(graph)])


def subtitle(graph: Graph) -> str:
    if graph.failure:
        return f"{graph.given}, stopped by an error"
    return f"{graph.given} → {written(graph.output, graph.per_sample)}"


def strip(graph: Graph) -> list[Figure]:
    layers = sum(node.kind == "layer" for node in graph.nodes)
    return [
        Figure(numbers.short(graph.params), "parameters"),
        Figure(traced.macs(graph), traced.macs_of_what(graph)),
        Figure(f"{len(graph.nodes):,}", f"boxes, {layers:,} of them layers"),
        Figure(f"{graph.joins:,}", "join" if graph.joins == 1 else "joins"),
        *time_taken(graph),
    ]


def time_taken(graph: Graph) -> list[Figure]:
    if graph.heat != "time" or graph.seconds is None:
        return []
    return [Figure(numbers.seconds(sum(graph.seconds.values())), "a forward run, its steps summed", True)]


def alt(graph: Graph) -> str:
    return (
        f"Dataflow of {graph.name}, {subtitle(graph)}: {len(graph.nodes)} steps, {graph.joins} joins; "
        f"{', '.join(node.label for node in graph.nodes[:12])}{' …' if len(graph.nodes) > 12 else ''}"
    )


def trust(graph: Graph) -> str:
    batch = "B is the batch." if graph.per_sample else "with the batch."
    shapes = f"Shapes stand where they change; {batch}"
    timed = [TIMED] if graph.heat == "time" else []
    parts = [traced.how(graph), shapes, *timed, *traced.remarks(graph), "The model was not touched."]
    return " ".join(parts)


def large_png(graph: Graph) -> bytes:
    """Return the picture as a file of its own, twice as fine as on the page."""
    return png(graph, None)


TIMED = "Times: median of real runs, each step by itself; shares differ from run to run."
SOURCES: dict[str, Callable[[Graph], str]] = {
    "dot": lambda graph: graph.dot,
    "mermaid": lambda graph: graph.mermaid,
}
EXPORTS = {
    ".svg": svg,
    ".png": large_png,
    ".dot": SOURCES["dot"],
    ".gv": SOURCES["dot"],
    ".mmd": SOURCES["mermaid"],
    ".mermaid": SOURCES["mermaid"],
}
