"""From operations to boxes: modules that are too deep, or have nothing within, become one box."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from nnarch_nb.core.trace import Operation, Row, Shape
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.graph import Edge, Kind, Node
from nnarch_nb.verbs.graph.flow import Flow

SIGNS = {
    "add": "+",
    "mul": "×",
    "sub": "−",
    "rsub": "−",
    "truediv": "÷",
    "div": "÷",
    "matmul": "@",
    "neg": "−",
}
LONGEST_LABEL = 48
Key = tuple[str, int]  # a module's path and which of its calls, or "" and the number of one operation


def boxes(
    flow: Flow, rows: dict[str, Row], depth: int | None, per_sample: bool, scattered: frozenset[str]
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Return the boxes and lines of the picture with modules opened down to ``depth``.

    Those in ``scattered`` are never drawn as one box.
    """
    members: dict[Key, list[Operation]] = defaultdict(list)
    for step in flow.steps:
        members[key_of(step, rows, depth, scattered)].append(step)
    nodes = tuple(
        node_of(number, path, steps, rows, per_sample, scattered)
        for number, ((path, _), steps) in enumerate(members.items())
    )
    return nodes, labelled(nodes, lines(flow, list(members.values())), per_sample)


def key_of(step: Operation, rows: dict[str, Row], depth: int | None, scattered: frozenset[str]) -> Key:
    path = box_path(step, rows, depth, scattered)
    return (path, dict(step.repeats).get(path, 0)) if path else ("", step.id)


def box_path(step: Operation, rows: dict[str, Row], depth: int | None, scattered: frozenset[str]) -> str:
    """Return the module that the operation is drawn as a part of; empty if it has a box of its own."""
    parts = step.path.split(".") if step.path else []
    level = len(parts) if step.kind == "module" else len(parts) + 1
    while depth is not None and ".".join(parts[:depth]) in scattered:
        depth += 1
    if depth is not None and level > depth and parts:
        return ".".join(parts[:depth])
    return step.path if step.kind == "function" and parts and rows[step.path].leaf else ""


def lines(flow: Flow, members: list[list[Operation]]) -> list[Edge]:
    """Return the tensors between boxes: each use of one between single steps, one line between groups."""
    number = {step.id: i for i, steps in enumerate(members) for step in steps}
    found: dict[tuple[object, ...], Edge] = {}
    for i, edge in enumerate(flow.edges):
        source, target = number[edge.source], number[edge.target]
        single = len(members[source]) == len(members[target]) == 1
        if source != target:
            key = (source, target, edge.shape, i if single else None)
            found.setdefault(key, Edge(source, target, edge.shape, ""))
    return list(found.values())


def name_in(path: str, scattered: frozenset[str]) -> str:
    """Return the module's name, with that of its list where no frame tells it: ``ups.0``."""
    above, _, name = path.rpartition(".")
    return f"{name_in(above, scattered)}.{name}" if above in scattered else name


def node_of(
    number: int,
    path: str,
    steps: list[Operation],
    rows: dict[str, Row],
    per_sample: bool,
    scattered: frozenset[str],
) -> Node:
    step, macs = steps[0], sum(step.macs for step in steps)
    if path:
        row = rows[path]
        kind: Kind = "layer" if row.leaf else "group"
        name = name_in(path, scattered)
        return Node(number, kind, name, row.kind, path, row.outputs, row.params, macs, titled(name, row.kind))
    if step.kind == "module":
        row = rows[step.path]
        name = name_in(step.path, scattered)
        label = titled(name, step.name)
        return Node(number, "layer", name, step.name, step.path, step.shapes, row.params, macs, label)
    if step.kind == "function":
        label = SIGNS.get(step.name, cut(step.name))
        return Node(number, "function", "", step.name, step.path, step.shapes, 0, macs, label)
    label = f"{cut(step.name)} {shapes_text(step.shapes, per_sample)}".strip()
    return Node(number, step.kind, step.name, "", "", step.shapes, 0, 0, label)


def titled(name: str, kind: str) -> str:
    return f"{cut(name)}: {cut(kind)}" if name else cut(kind)


def cut(name: str) -> str:
    return shorten(name, LONGEST_LABEL)


def labelled(nodes: tuple[Node, ...], edges: list[Edge], per_sample: bool) -> tuple[Edge, ...]:
    """Return the lines with a shape where it is not the one the reader has just seen."""
    known: dict[int, set[Shape]] = defaultdict(set)
    for node in nodes:
        if node.kind == "input":
            known[node.id] |= set(node.shapes)
    for edge in edges:
        known[edge.target].add(edge.shape)
    result = []
    for edge in edges:
        if edge.shape not in known[edge.source] and nodes[edge.target].kind != "output":
            known[edge.source].add(edge.shape)  # once is enough for all lines from there
            edge = replace(edge, label=shape_text(edge.shape, per_sample))
        result.append(edge)
    return tuple(result)


def shapes_text(shapes: tuple[Shape, ...], per_sample: bool) -> str:
    more = f" +{len(shapes) - 1}" if len(shapes) > 1 else ""
    return shape_text(shapes[0], per_sample) + more if shapes else ""


def shape_text(shape: Shape, per_sample: bool) -> str:
    sizes = shape[1:] if per_sample and shape[:1] == (1,) else shape
    return "×".join(map(str, sizes)) or "scalar"
