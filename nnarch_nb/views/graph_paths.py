"""The lines of a graph: as few characters as draw them, and where a frame's title is in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from nnarch_nb.verbs.graph.sizes import label_size

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph
    from nnarch_nb.verbs.graph.layout import Line, Point

STRAIGHT = 1.0  # pixels that a curve may bend and still be drawn as a straight line
SAMPLES = 8  # points looked at on each piece of a curve
TITLE_TOP, TITLE_BOTTOM, TITLE_INDENT = 4, 20, 8
STEP = 4

Piece = tuple["Point", "Point", "Point", "Point"]


def pieces(line: Line) -> list[Piece]:
    """Return the cubic pieces of a curve: start, two points it leans to, end."""
    points = line.points
    return [(points[i], points[i + 1], points[i + 2], points[i + 3]) for i in range(0, len(points) - 3, 3)]


def curve(line: Line) -> str:
    """Return the path, each step from where the one before ended."""
    path, at = "M{} {}".format(*line.points[0]), line.points[0]
    stops = straightened(line)
    for place, piece in enumerate(stops):
        if len(piece) == 2:
            ahead = stops[place + 1] if place + 1 < len(stops) else ()
            if len(ahead) == 2 and is_between(piece[1], at, ahead[1]):
                continue
            path += straight(piece[1][0] - at[0], piece[1][1] - at[1])
        else:
            path += "c" + numbers([(x - at[0], y - at[1]) for x, y in piece[1:]])
        at = piece[-1]
    return path


def straightened(line: Line) -> list[tuple[Point, ...]]:
    """Return the pieces, those that hardly bend by their ends alone."""
    return [
        (piece[0], piece[3]) if all(is_between(point, piece[0], piece[3]) for point in piece[1:3]) else piece
        for piece in pieces(line)
    ]


def is_between(point: Point, start: Point, end: Point) -> bool:
    """Whether the point lies next to the straight line between two others."""
    (x, y), (ax, ay), (bx, by) = point, start, end
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    if not length:
        return point == start
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
    off = abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length
    return off <= STRAIGHT and -STRAIGHT <= along <= length + STRAIGHT


def straight(x: int, y: int) -> str:
    if not x:
        return f"v{y}"
    return f"h{x}" if not y else f"l{numbers([(x, y)])}"


def numbers(points: list[Point]) -> str:
    """Return the coordinates; a minus sign parts them as well as a space does."""
    flat = [str(value) for point in points for value in point]
    return "".join(value if not place or value[0] == "-" else f" {value}" for place, value in enumerate(flat))


def head(line: Line) -> str:
    """Return the arrow head."""
    tip, (ax, ay), (bx, by) = line.head
    return f"M{tip[0]} {tip[1]}l{numbers([(ax - tip[0], ay - tip[1]), (bx - ax, by - ay)])}z"


def titles(graph: Graph) -> list[Point]:
    """Return where the title of each frame begins: at its left, but for what crosses it there."""
    walked = [list(walk(line)) for line in graph.layout.lines]
    found = []
    for box, group in zip(graph.layout.frames, graph.groups, strict=True):
        top, bottom = box.y + TITLE_TOP, box.y + TITLE_BOTTOM
        crossing = [span for steps in walked for span in spans(steps, top, bottom)]
        width = label_size(group.label)[0]
        places = range(box.x + TITLE_INDENT, max(box.x + box.width - width, box.x + TITLE_INDENT + 1), STEP)
        free = (x for x in places if all(right < x - 2 or x + width < left for left, right in crossing))
        found.append((next(free, box.x + TITLE_INDENT), box.y + 15))
    return found


def walk(line: Line) -> Iterator[tuple[float, float]]:
    """Yield points along the curve, its tip the last."""
    yield line.points[0]
    for a, b, c, d in pieces(line):
        for step in range(1, SAMPLES + 1):
            t = step / SAMPLES
            u = 1 - t
            weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            corners = list(zip(weights, (a, b, c, d), strict=True))
            yield sum(w * p[0] for w, p in corners), sum(w * p[1] for w, p in corners)
    yield line.tip


def spans(steps: list[tuple[float, float]], top: int, bottom: int) -> Iterator[tuple[float, float]]:
    """Yield from where to where the curve runs within a band."""
    for (ax, ay), (bx, by) in pairwise(steps):
        if max(ay, by) >= top and min(ay, by) <= bottom:
            yield min(ax, bx), max(ax, bx)
