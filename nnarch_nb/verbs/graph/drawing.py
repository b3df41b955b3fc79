"""As much of the network as a picture can hold: opened deeper while it stays readable and quick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

from nnarch_nb.core.network import above
from nnarch_nb.core.trace import Row, Trace
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.graph.boxes import boxes
from nnarch_nb.verbs.graph.calls import Item, levels, tree_of
from nnarch_nb.verbs.graph.dot import source
from nnarch_nb.verbs.graph.ends import shortened
from nnarch_nb.verbs.graph.flow import Flow, worth_drawing
from nnarch_nb.verbs.graph.fold import Folded, folded
from nnarch_nb.verbs.graph.frames import framed
from nnarch_nb.verbs.graph.heat import heated
from nnarch_nb.verbs.graph.layout import LEAST_LIMIT, TIME_LIMIT, WHOLE_LIMIT, Layout, TooSlow, lay_out
from nnarch_nb.verbs.graph.parts import Edge, Group, Heat, Node
from nnarch_nb.verbs.graph.repeats import Finder
from nnarch_nb.verbs.graph.sidework import WORDS, side_work
from nnarch_nb.verbs.graph.stopped import is_called, wrong
from nnarch_nb.verbs.graph.units import Opening, Unit, Units
from nnarch_nb.verbs.graph.wish import EVERY, Wish, matched

MOST_NODES = 300
READABLE = 100  # boxes, where no depth was asked for
FEW_NODES = (60, 24, 12)  # tried where even the coarsest drawing is too tangled
MOST_EDGES = 700  # no layout of more comes to an end in time
DENSE = 3  # lines for each box, from which on the layers that they pass by decide how long a layout takes
MOST_SPAN, MOST_FRAMED_SPAN = 1_000, 15_000  # such layers, summed; frames split the work
BOXES_PER_FRAME = 4
SLOW = "A finer picture took too long to lay out on this machine."


@dataclass(frozen=True)
class Drawing:
    """What is drawn, opened down to ``depth``, and what a reader must know of what is not."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    depth: int | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """What is drawn of, at any depth."""

    rows: dict[str, Row]
    flow: Flow
    folded: Folded
    closed: frozenset[str]
    opened: frozenset[str]
    per_sample: bool
    heat: Heat | None
    seconds: Mapping[int, float] | None
    wrong: str

    def at(self, depth: int | None) -> Drawing:
        """Return the whole drawing with modules opened down to that depth."""
        units = Units(Opening(self.rows, depth, self.closed, self.opened))
        units.take(self.folded.root)
        found = list(units.found.values())
        nodes, edges = boxes(found, self.folded, self.rows, self.per_sample)
        if self.heat:
            steps = {step.id: step for step in self.flow.steps}
            drawn_for = self.folded.drawn_for
            nodes = heated(nodes, found, drawn_for, steps, self.rows, self.heat, self.seconds)
        if self.flow.failed is not None:
            nodes = tuple(map(self.with_failure, nodes, found))
        placed, groups = framed(nodes, found)
        return Drawing(placed, edges, groups, depth, ())

    def with_failure(self, node: Node, unit: Unit) -> Node:
        failed = any(step.id == self.flow.failed for step in unit.steps)
        return replace(node, wrong=self.wrong) if failed else node


def draw(
    run: Trace, wish: Wish, per_sample: bool, seconds: Mapping[int, float] | None = None
) -> tuple[Drawing, Layout]:
    """Return the deepest drawing that fits, and its layout.

    Raises
    ------
    NNArchError
        Even the coarsest one takes too long to lay out, or a pattern names no module.
    """
    begun = monotonic()
    late: tuple[str, ...] = ()
    most = READABLE if wish.depth is None and not wish.expand else MOST_NODES
    for drawing in drawings(subject_of(run, wish, per_sample, seconds), wish.depth, most):
        if is_tangled(drawing):
            continue
        dot = source(drawing.nodes, drawing.edges, drawing.groups, wish.direction, bare=True)
        limit = max(LEAST_LIMIT, min(TIME_LIMIT, (WHOLE_LIMIT - (monotonic() - begun)) / 2))
        try:
            layout = lay_out(dot, len(drawing.nodes), len(drawing.edges), len(drawing.groups), limit)
        except TooSlow:
            late = (SLOW,)
            continue
        return noted(drawing, (*late, *drawing.notes)), layout
    raise NNArchError(
        "the picture is too tangled to lay out in time; draw a part of the network, such as model.encoder"
    )


def is_tangled(drawing: Drawing) -> bool:
    """Whether the layout would take too long, by counts alone: the same on every machine."""
    nodes, edges = len(drawing.nodes), len(drawing.edges)
    if edges <= DENSE * nodes or edges > MOST_EDGES:
        return edges > MOST_EDGES
    framed = len(drawing.groups) * BOXES_PER_FRAME >= nodes
    return span(drawing) > (MOST_FRAMED_SPAN if framed else MOST_SPAN)


def span(drawing: Drawing) -> int:
    """Return how many layers of the picture the lines pass, summed."""
    layer = [0] * len(drawing.nodes)
    onward = [edge for edge in drawing.edges if edge.kind != "repeat"]
    for edge in sorted(onward, key=lambda edge: edge.target):
        layer[edge.target] = max(layer[edge.target], layer[edge.source] + 1)
    return sum(abs(layer[edge.target] - layer[edge.source]) for edge in onward)


def subject_of(run: Trace, wish: Wish, per_sample: bool, seconds: Mapping[int, float] | None) -> Subject:
    rows = {row.path: row for row in run.rows}
    closed = matched("fold", wish.fold, run.rows)
    asked = matched("expand", wish.expand, run.rows, WORDS)
    opened = asked | {outer for path in asked for outer in above(path)}
    flow = worth_drawing(run)
    shown = {*asked, *wish.expand}
    hidden = {
        step.id: names[step.id]
        for names in [side_work(flow.steps, flow.edges)]
        for step in flow.steps
        if step.id in names and not {names[step.id], step.path, EVERY} & shown
    }
    root = tree_of(flow.steps, rows, hidden)
    closed = members(closed, rows) - asked
    finder = Finder(rows, flow, partial(is_unfolded, rows=rows, asked=asked), closed)
    return Subject(
        rows=rows,
        flow=flow,
        folded=folded(root, flow.edges, finder),
        closed=closed,
        opened=opened,
        per_sample=per_sample,
        heat=wish.heat,
        seconds=seconds,
        wrong=wrong(run.failure) if run.failure else "",
    )


def members(paths: frozenset[str], rows: dict[str, Row]) -> frozenset[str]:
    """Return the modules, and those in the lists among them, which are no boxes themselves."""
    lists = {path for path in paths if not is_called(rows[path])}
    return paths | {row.path for row in rows.values() if row.path and row.parent in lists}


def is_unfolded(item: Item, rows: dict[str, Row], asked: frozenset[str]) -> bool:
    """Whether the module was asked for, or the list that it is a member of."""
    if not asked or not item.path:
        return False
    parent = rows[item.path].parent
    return item.path in asked or (parent in asked and not is_called(rows[parent]))


def drawings(subject: Subject, asked: int | None, most: int = MOST_NODES) -> Iterator[Drawing]:
    """Yield drawings that are small enough, each coarser than the one before."""
    deepest = max(levels(subject.rows).values())
    full, sizes = 0, (0, 0)
    for depth in [asked, *range(min(asked or deepest, deepest) - 1, 0, -1)]:
        drawing = subject.at(depth)
        full = full or len(drawing.nodes)
        coarser = lowered(depth, asked, deepest, full) if len(drawing.nodes) < full else ()
        notes = (*coarser, *left_out(subject.flow))
        if len(drawing.nodes) <= most and (len(drawing.nodes), len(drawing.edges)) != sizes:
            sizes = len(drawing.nodes), len(drawing.edges)
            yield noted(drawing, notes)
    # Even the coarsest is too large, or too tangled: its beginning and its end, then.
    for few in (most, *FEW_NODES):
        if len(drawing.nodes) > few:
            nodes, edges = shortened(drawing.nodes, drawing.edges, few)
            middle = f"Not drawn: {len(drawing.nodes) - len(nodes) + 1:,} steps in the middle."
            yield noted(Drawing(nodes, edges, drawing.groups, depth, ()), (middle, *notes))


def noted(drawing: Drawing, notes: tuple[str, ...]) -> Drawing:
    return Drawing(drawing.nodes, drawing.edges, drawing.groups, drawing.depth, notes)


def lowered(level: int | None, asked: int | None, deepest: int, full: int) -> tuple[str, ...]:
    if level == asked:
        return ()
    return (f"Opened to depth {level} of {deepest}: deeper it would have {full:,} steps.",)


def left_out(flow: Flow) -> tuple[str, ...]:
    """Say what is not drawn."""
    notes = []
    if flow.views:
        notes.append(f"Not drawn: {counted(flow.views, 'rearrangement')} (flatten, view, …).")
    if flow.broken:
        notes.append("Lines are missing: what runs outside torch, as in numpy, cannot be followed.")
    if flow.ignores:
        notes.append("The output does not depend on the input.")
    if flow.dead:
        notes.append(f"Not drawn: {counted(flow.dead, 'function')} without use for the result.")
    return tuple(notes)


def counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
