"""The picture of a network in pixels, for where SVG is not shown: the same layout, drawn by matplotlib."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnarch_nb.verbs.graph.layout import Box
from nnarch_nb.views.figure import INK_ON_ANY, rendered, smaller_png
from nnarch_nb.views.graph_look import FROZEN, RED, STROKES, Stroke, paint_of
from nnarch_nb.views.graph_paths import titles

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph, Node
    from nnarch_nb.verbs.graph.layout import Line

MOST_PIXELS = 300_000
LARGEST = 24_000_000  # pixels of a file of its own
POINTS = 0.75  # of a pixel, at 96 pixels per inch
COLOURS = 24


@lru_cache(maxsize=4)
def png(graph: Graph, most: int | None = MOST_PIXELS) -> bytes:
    """Return the picture as PNG, of so many pixels that a notebook stays light, or for a file of its own."""
    layout = graph.layout
    area = layout.width * layout.height
    scale = min(1.0, (most / area) ** 0.5) if most else min(2.0, (LARGEST / area) ** 0.5)

    def paint(canvas: Any) -> None:
        canvas.set_layout_engine("none")
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, layout.width), ylim=(layout.height, 0))
        axes.axis("off")
        paint_graph(axes, graph, scale)

    width, height = (scale * POINTS * side for side in (layout.width, layout.height))
    return smaller_png(rendered(paint, width, height, INK_ON_ANY, "png"), COLOURS)


def paint_graph(axes: Any, graph: Graph, scale: float) -> None:
    for box, group, title in zip(graph.layout.frames, graph.groups, titles(graph), strict=True):
        axes.add_patch(rectangle(box, fill=False, edgecolor=INK_ON_ANY, linewidth=0.5 * scale))
        write(axes, title[0], title[1] - 3, group.label, 6.5 * scale, "left")
    for line, edge in zip(graph.layout.lines, graph.edges, strict=True):
        axes.add_patch(curve(line, STROKES[edge.kind], scale))
        axes.fill(*zip(*line.head, strict=True), color=INK_ON_ANY, linewidth=0)
        if line.label:
            write(axes, *line.label, edge.label, 6.5 * scale)
    for node in graph.nodes:
        paint_node(axes, node, graph, scale)


def paint_node(axes: Any, node: Node, graph: Graph, scale: float) -> None:
    box, paint = graph.layout.boxes[node.id], paint_of(node, graph)
    colour = paint.colour or INK_ON_ANY
    look = {"facecolor": colour if paint.solid else colour + "24", "edgecolor": colour}
    dashes = (0, FROZEN) if node.frozen else "-"
    if node.copies > 1:
        behind = Box(box.x + 4, box.y + 3, box.width, box.height)
        axes.add_patch(rectangle(behind, fill=False, edgecolor=colour, linewidth=0.6 * scale))
    width = (1.5 if node.wrong else 0.6) * scale
    axes.add_patch(rectangle(box, **look, linewidth=width, linestyle=dashes))
    (x, y), lift = box.middle, 6 if node.wrong else 0
    write(axes, x, y - lift, node.text, 7.5 * scale, colour=paint.ink or INK_ON_ANY)
    if node.wrong:
        write(axes, x, y + lift, node.wrong, 6.5 * scale, colour=RED)


def write(
    axes: Any, x: int, y: int, text: str, size: float, side: str = "center", colour: str = INK_ON_ANY
) -> None:
    # A dollar sign would begin a formula.
    axes.text(x, y, text, fontsize=size, ha=side, va="center", parse_math=False, color=colour)


def rectangle(box: Box, **look: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((box.x, box.y), box.width, box.height, **look)


def curve(line: Line, stroke: Stroke, scale: float) -> Any:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    codes = [Path.MOVETO] + [Path.CURVE4] * (len(line.points) - 1)
    dashes = (0, stroke.dashes) if stroke.dashes else "-"
    look = {"edgecolor": INK_ON_ANY, "linewidth": 0.7 * stroke.width * scale, "linestyle": dashes}
    return PathPatch(Path(line.points, codes), fill=False, **look)
