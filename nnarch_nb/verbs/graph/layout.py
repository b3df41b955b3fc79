"""Where everything stands: Graphviz lays out, in a process of its own where that may take long.

Graphviz holds the interpreter while it works and cannot be interrupted, so a large picture is laid
out by ``python -m nnarch_nb.verbs.graph.layout``, which can be stopped. Nothing here imports torch.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Point = tuple[int, int]

FEW_NODES, EDGES_PER_NODE = 80, 2
TIME_LIMIT = 4.0  # seconds for one try
WHOLE_LIMIT, LEAST_LIMIT = 7.0, 1.0  # seconds for all tries, and for each of them
PAD = 4
HEAD = 3  # half the width of an arrow head
LOCK = threading.Lock()  # the library keeps its state in globals


class TooSlow(Exception):
    """The layout took longer than its limit."""


@dataclass(frozen=True)
class Box:
    """A rectangle: left and top edge, width and height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True)
class Line:
    """A curve: a start and three points for each cubic piece; its tip; where its label is centred."""

    points: tuple[Point, ...]
    tip: Point
    label: Point | None

    @property
    def head(self) -> tuple[Point, Point, Point]:
        """The corners of the arrow head, from the end of the curve to the tip."""
        (x, y), (tip_x, tip_y) = self.points[-1], self.tip
        length = max(1.0, ((tip_x - x) ** 2 + (tip_y - y) ** 2) ** 0.5)
        side_x, side_y = HEAD * (tip_y - y) / length, HEAD * (tip_x - x) / length
        return self.tip, (round(x - side_x), round(y + side_y)), (round(x + side_x), round(y - side_y))


@dataclass(frozen=True)
class Layout:
    """Sizes and places in pixels, from the top left; boxes, lines and frames in the order given."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    frames: tuple[Box, ...]


def lay_out(dot: str, nodes: int, edges: int, frames: int, limit: float = TIME_LIMIT) -> Layout:
    """Return where Graphviz puts the boxes, lines and frames of a bare picture.

    Raises
    ------
    TooSlow
        It took longer than ``limit`` seconds.
    """
    import pygraphviz

    with LOCK:
        simple = nodes <= FEW_NODES and edges <= EDGES_PER_NODE * nodes
        if simple or not sys.executable:
            drawn = pygraphviz.AGraph(string=dot)
            drawn.layout("dot")
        else:
            drawn = pygraphviz.AGraph(string=elsewhere(dot, limit))
        return layout_of(drawn, nodes, edges, frames)


def elsewhere(dot: str, limit: float) -> str:
    """Return the source with positions, worked out by another process."""
    root = str(Path(__file__).resolve().parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=dot.encode(),
            capture_output=True,
            timeout=limit,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlow from error
    return done.stdout.decode()


def layout_of(drawn: Any, nodes: int, edges: int, frames: int) -> Layout:
    left, bottom, right, top = (float(part) for part in drawn.graph_attr["bb"].split(","))

    def place(x: str | float, y: str | float) -> Point:
        return round(float(x) - left) + PAD, round(top - float(y)) + PAD

    lines = {int(ends[2]): line_of(drawn.get_edge(*ends), place) for ends in drawn.edges(keys=True)}
    clusters = {int(part.name.removeprefix("cluster_")): part for part in subgraphs(drawn)}
    return Layout(
        width=round(right - left) + 2 * PAD,
        height=round(top - bottom) + 2 * PAD,
        boxes=tuple(box_of(drawn.get_node(f"n{number}"), place) for number in range(nodes)),
        lines=tuple(lines[number] for number in range(edges)),
        frames=tuple(frame_of(clusters[number], place) for number in range(frames)),
    )


def subgraphs(drawn: Any) -> Iterator[Any]:
    for part in drawn.subgraphs():
        yield part
        yield from subgraphs(part)


def box_of(node: Any, place: Any) -> Box:
    x, y = place(*node.attr["pos"].split(","))
    width, height = (round(72 * float(node.attr[side])) for side in ("width", "height"))
    return Box(x - width // 2, y - height // 2, width, height)


def line_of(edge: Any, place: Any) -> Line:
    # "e,x,y x,y x,y …": the arrow's tip, then the points of the curve; "s," for a tip at its start.
    tip, *points = edge.attr["pos"].split(" ")
    label = edge.attr["lp"]
    return Line(
        points=tuple(place(*point.split(",")) for point in (points[::-1] if tip[0] == "s" else points)),
        tip=place(*tip[2:].split(",")),
        label=place(*label.split(",")) if label else None,
    )


def frame_of(part: Any, place: Any) -> Box:
    left, bottom, right, top = part.graph_attr["bb"].split(",")
    (x, y), (far_x, far_y) = place(left, top), place(right, bottom)
    return Box(x, y, far_x - x, far_y - y)


def main() -> None:
    """Read a source, write it with positions."""
    import pygraphviz

    drawn = pygraphviz.AGraph(string=sys.stdin.read())
    drawn.layout("dot")
    sys.stdout.write(drawn.to_string())


if __name__ == "__main__":
    main()
