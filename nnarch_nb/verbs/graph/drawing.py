"""As much of the network as a picture can hold: opened deeper while it stays readable and quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnarch_nb.core.trace import Row, Trace
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.graph import Direction, Edge, Group, Node
from nnarch_nb.verbs.graph.boxes import boxes
from nnarch_nb.verbs.graph.dot import source
from nnarch_nb.verbs.graph.ends import shortened
from nnarch_nb.verbs.graph.flow import Flow, worth_drawing
from nnarch_nb.verbs.graph.frames import framed, scattered
from nnarch_nb.verbs.graph.layout import Layout, TooSlow, lay_out

MOST_NODES = 300
FEW_NODES = 60  # laid out at once, however tangled


@dataclass(frozen=True)
class Drawing:
    """What is drawn, opened down to ``depth``, and what a reader must know of what is not."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    depth: int | None
    notes: tuple[str, ...]


def draw(run: Trace, depth: int | None, direction: Direction, per_sample: bool) -> tuple[Drawing, Layout]:
    """Return the deepest drawing that fits, and its layout.

    Raises
    ------
    NNArchError
        Even the coarsest one takes too long to lay out.
    """
    rows = {row.path: row for row in run.rows}
    flow = worth_drawing(run)
    for drawing in drawings(flow, rows, depth, per_sample):
        dot = source(drawing.nodes, drawing.edges, drawing.groups, direction, bare=True)
        try:
            layout = lay_out(dot, len(drawing.nodes), len(drawing.edges), len(drawing.groups))
        except TooSlow:
            continue
        return drawing, layout
    raise NNArchError(
        "the picture is too tangled to lay out in time; draw a part of the network, such as model.encoder"
    )


def drawings(flow: Flow, rows: dict[str, Row], depth: int | None, per_sample: bool) -> Iterator[Drawing]:
    """Yield drawings that are small enough, each coarser than the one before."""
    deepest, loose = max(row.depth for row in rows.values()), scattered(flow, rows)
    full, drawn = 0, (0, 0)
    for level in [depth, *range(min(depth or deepest, deepest) - 1, 0, -1)]:
        nodes, edges = boxes(flow, rows, level, per_sample, loose)
        full = full or len(nodes)
        if len(nodes) <= MOST_NODES and (len(nodes), len(edges)) != drawn:
            drawn = len(nodes), len(edges)
            notes = lowered(level, depth, deepest, full) + left_out(flow)
            yield drawing_of(nodes, edges, rows, loose, level, notes)
    # Even the coarsest is too large, or too tangled: lists as one box, or its beginning and its end, then.
    if loose and drawn != (0, 0):
        whole, wires = boxes(flow, rows, level, per_sample, frozenset())
        notes = lowered(level, depth, deepest, full) + left_out(flow)
        yield drawing_of(whole, wires, rows, frozenset(), level, notes)
    for most in (MOST_NODES, FEW_NODES):
        if len(nodes) <= most:
            continue
        few_nodes, few_edges = shortened(nodes, edges, most)
        middle = f"Not drawn: {len(nodes) - len(few_nodes) + 1:,} steps in the middle."
        notes = (*lowered(level, depth, deepest, full), middle, *left_out(flow))
        yield drawing_of(few_nodes, few_edges, rows, loose, level, notes)


def drawing_of(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    rows: dict[str, Row],
    loose: frozenset[str],
    level: int | None,
    notes: tuple[str, ...],
) -> Drawing:
    placed, groups = framed(nodes, rows, loose)
    return Drawing(placed, edges, groups, level, notes)


def lowered(level: int | None, asked: int | None, deepest: int, full: int) -> tuple[str, ...]:
    if level == asked:
        return ()
    return (f"Opened to depth {level} of {deepest}: deeper it would have {full:,} steps.",)


def left_out(flow: Flow) -> tuple[str, ...]:
    """Say what is not drawn."""
    notes = []
    if flow.views:
        notes.append(f"Not drawn: {counted(flow.views, 'rearrangement')} (flatten, view, …).")
    if flow.dead:
        notes.append(f"Not drawn: {counted(flow.dead, 'function')} without use for the result.")
    return tuple(notes)


def counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
