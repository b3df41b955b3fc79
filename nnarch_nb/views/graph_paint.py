"""The picture of a network in pixels, for where SVG is not shown: the same layout, drawn by matplotlib."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.layers import layer_family
from nnarch_nb.views.figure import INK_ON_ANY, rendered, smaller_png
from nnarch_nb.views.theme import family_colour

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph
    from nnarch_nb.verbs.graph.layout import Box, Line

MOST_PIXELS = 300_000
POINTS = 0.75  # of a pixel, at 96 pixels per inch
COLOURS = 24


@lru_cache(maxsize=4)
def png(graph: Graph) -> bytes:
    """Return the picture as PNG; a large one is made smaller, so that a notebook stays light."""
    layout = graph.layout
    scale = min(1.0, (MOST_PIXELS / (layout.width * layout.height)) ** 0.5)

    def paint(canvas: Any) -> None:
        canvas.set_layout_engine("none")
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, layout.width), ylim=(layout.height, 0))
        axes.axis("off")
        paint_graph(axes, graph, scale)

    width, height = (scale * POINTS * side for side in (layout.width, layout.height))
    return smaller_png(rendered(paint, width, height, INK_ON_ANY, "png"), COLOURS)


def paint_graph(axes: Any, graph: Graph, scale: float) -> None:
    for box, group in zip(graph.layout.frames, graph.groups, strict=True):
        axes.add_patch(rectangle(box, fill=False, edgecolor=INK_ON_ANY, linewidth=0.5 * scale))
        write(axes, box.x + 8, box.y + 12, group.label, 6.5 * scale, "left")
    for line, edge in zip(graph.layout.lines, graph.edges, strict=True):
        axes.add_patch(curve(line, scale))
        axes.fill(*zip(*line.head, strict=True), color=INK_ON_ANY, linewidth=0)
        if line.label:
            write(axes, *line.label, edge.label, 6.5 * scale)
    for node in graph.nodes:
        box = graph.layout.boxes[node.id]
        colour = family_colour(layer_family(node.type)) if node.type else INK_ON_ANY
        axes.add_patch(rectangle(box, facecolor=colour + "24", edgecolor=colour, linewidth=0.6 * scale))
        write(axes, *box.middle, node.label, 7.5 * scale)


def write(axes: Any, x: int, y: int, text: str, size: float, side: str = "center") -> None:
    # A dollar sign would begin a formula.
    axes.text(x, y, text, fontsize=size, ha=side, va="center", parse_math=False)


def rectangle(box: Box, **look: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((box.x, box.y), box.width, box.height, **look)


def curve(line: Line, scale: float) -> Any:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    codes = [Path.MOVETO] + [Path.CURVE4] * (len(line.points) - 1)
    return PathPatch(Path(line.points, codes), fill=False, edgecolor=INK_ON_ANY, linewidth=0.7 * scale)
