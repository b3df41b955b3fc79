"""What the page is told of a graph: the drawing, and as plain data what its boxes and rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnarch_nb.core.network import above
from nnarch_nb.views import graph as view
from nnarch_nb.views import numbers
from nnarch_nb.views.live.explorer.alike import copies, drawn_for
from nnarch_nb.views.live.explorer.wishes import acts_of, is_side_work
from nnarch_nb.views.readable import readable
from nnarch_nb.views.shapes import written

if TYPE_CHECKING:
    from nnarch_nb.core.trace import Row
    from nnarch_nb.verbs.graph import Graph, Node
    from nnarch_nb.verbs.graph.layout import Box

MODULES = ("layer", "group")
MOST_ROWS = 2000  # a longer list helps nobody, and weighs


def picture(graph: Graph) -> dict[str, Any]:
    """Return what changes when the graph is laid out anew."""
    layout = graph.layout
    rows = {row.path: row for row in graph.trace.rows}
    told: dict[str, Any] = {
        "svg": view.svg(graph, marked=True),
        "width": layout.width,
        "height": layout.height,
        "direction": graph.direction,
        "nodes": [
            {
                **node_facts(node, rows.get(node.path), layout.boxes[node.id], graph.per_sample),
                "asks": node.type if is_side_work(node) else node.path,
                "acts": acts_of(graph, node, rows),
            }
            for node in graph.nodes
        ],
        "edges": [[edge.source, edge.target] for edge in graph.edges],
        "frames": [
            {
                "id": frame.id,
                "path": frame.path,
                "type": frame.type,
                "label": frame.label,
                "count": frame.count,
                "box": corners(box),
                "asks": frame.path,
                "acts": acts_of(graph, frame, rows),
            }
            for frame, box in zip(graph.groups, layout.frames, strict=True)
        ],
        "at": places(graph),
    }
    made: dict[str, Any] = plain(told)
    return made


def node_facts(node: Node, row: Row | None, box: Box, per_sample: bool) -> dict[str, Any]:
    takes = row.inputs if row is not None and node.kind in MODULES else ()
    return {
        "id": node.id,
        "kind": node.kind,
        "path": node.path,
        "type": node.type,
        "label": node.label,
        "input": in_words(takes, per_sample),
        "output": in_words(node.shapes, per_sample),
        "params": figure(node.params, node.count),
        "macs": figure(node.macs, node.count),
        "count": node.copies,
        "box": corners(box),
    }


def in_words(shapes: tuple[Any, ...], per_sample: bool) -> str:
    """Return the first shape, and how many more there are."""
    if not shapes:
        return ""
    first = isinstance(shapes[0], tuple)
    more = f" and {len(shapes) - 1} more" if first and len(shapes) > 1 else ""
    return written(shapes[0] if first else shapes, per_sample) + more


def figure(number: int | None, copies: int) -> str:
    """Return what one copy has, and that it is one's where several are drawn as one."""
    return f"{number:,}{' each' if copies > 1 else ''}" if number else ""


def corners(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]


def listed(graph: Graph) -> list[Row]:
    """Return the modules of the list, each after its parent: so many levels as are not too many rows."""
    everything = graph.trace.rows
    for depth in range(max(row.depth for row in everything), 1, -1):
        found = [row for row in everything if row.depth <= depth]
        if len(found) <= MOST_ROWS:
            return found
    return [row for row in everything if row.depth <= 1][:MOST_ROWS]


def rows(graph: Graph) -> list[list[str]]:
    """Return path, name, class, output and parameters of each module of the list."""
    listing = [
        [
            row.path,
            row.name,
            row.kind,
            written(row.outputs, graph.per_sample) if row.outputs else "",
            numbers.short(row.params) if row.params else "",
        ]
        for row in listed(graph)
    ]
    return plain(listing)


def places(graph: Graph) -> list[str]:
    """Return for every row which box (``n3``) or frame (``f1``) shows it; empty where none does."""
    shown: dict[str, str] = {}
    for frame in graph.groups:
        shown.setdefault(frame.path, f"f{frame.id}")
    for node in graph.nodes:
        if node.kind in MODULES:
            shown[node.path] = f"n{node.id}"
    stands_for = copies(graph)
    return [place_of(row.path, shown, stands_for) for row in listed(graph)]


def place_of(path: str, shown: dict[str, str], stands_for: dict[str, str]) -> str:
    """Return what shows the module, or the one it lies in, or the copy that is drawn for it."""
    drawn = drawn_for(path, stands_for)
    return next((shown[part] for part in (drawn, *above(drawn)) if part in shown), "")


def plain(told: Any) -> Any:
    """Return the data with every name as it can be shown, and sent."""
    if isinstance(told, dict):
        return {key: plain(value) for key, value in told.items()}
    if isinstance(told, list):
        return [plain(value) for value in told]
    return readable(told) if isinstance(told, str) else told
