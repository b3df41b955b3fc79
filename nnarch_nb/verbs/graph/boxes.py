"""From the folded run to boxes and lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from math import prod

from nnarch_nb.core.trace import Row, Shape
from nnarch_nb.verbs.graph.fold import Folded, Wire
from nnarch_nb.verbs.graph.names import SIGNS, cut, name_in, run_label, run_name, titled
from nnarch_nb.verbs.graph.parts import Edge, Node, NodeKind
from nnarch_nb.verbs.graph.shapes import shape_text, shapes_text
from nnarch_nb.verbs.graph.units import Unit

JOINING = {"add", "iadd", "cat", "concat", "concatenate", "stack", "hstack", "vstack"}


def boxes(
    units: list[Unit], folded: Folded, rows: dict[str, Row], per_sample: bool
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Return the boxes and lines of the picture."""
    nodes = tuple(
        replace(node_of(number, unit, rows, per_sample), macs=macs_of(unit, folded))
        for number, unit in enumerate(units)
    )
    nodes = with_calls(nodes)
    edges = with_skips(nodes, lines(units, folded.wires, rows))
    return nodes, labelled(nodes, edges, per_sample)


def macs_of(unit: Unit, folded: Folded) -> int:
    """Return what one copy costs, with all that repeats within it."""
    return sum(folded.macs[step.id] for step in unit.steps) // unit.count


def node_of(number: int, unit: Unit, rows: dict[str, Row], per_sample: bool) -> Node:
    step = unit.steps[0]
    copies = unit.repeat.count if unit.repeat else 1
    node = Node(number, "function", "", step.name, step.path, step.shapes, 0, 0, "", None, unit.count, copies)
    if unit.scope is not None and unit.scope.side_work:
        return replace(
            node, type=unit.scope.side_work, label=unit.scope.side_work, shapes=unit.steps[-1].shapes
        )
    if unit.scope is not None or step.kind == "module":
        return module_node(node, unit, rows)
    if step.kind == "function":
        label = run_label(unit.repeat, rows) if unit.repeat else SIGNS.get(step.name, cut(step.name))
        return replace(node, label=label)
    label = f"{cut(step.name)} {shapes_text(step.shapes, per_sample)}".strip()
    return replace(node, kind=step.kind, name=step.name, type="", path="", label=label)


def module_node(node: Node, unit: Unit, rows: dict[str, Row]) -> Node:
    row = rows[unit.scope.path if unit.scope else node.path]
    kind: NodeKind = "layer" if row.leaf or unit.scope is None else "group"
    name = run_name(unit.repeat, rows) if unit.repeat else name_in(row.path, rows)
    return replace(
        node,
        kind=kind,
        name=name,
        type=row.kind,
        path=row.path,
        shapes=row.outputs if unit.scope else node.shapes,
        params=row.params,
        label=run_label(unit.repeat, rows) if unit.repeat else titled(name, row.kind),
        frozen=row.params > 0 and row.trainable == 0,
        shared=partners(row, rows),
    )


def with_calls(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the boxes, those told apart that are calls of one module with parameters."""
    places: dict[str, list[int]] = defaultdict(list)
    for node in nodes:
        if node.kind in ("layer", "group") and node.params:
            places[node.path].append(node.id)
    calls = {
        number: (call, len(several))
        for several in places.values()
        for call, number in enumerate(several, 1)
        if len(several) > 1
    }
    return tuple(with_call(node, *calls.get(node.id, (1, 1))) for node in nodes)


def with_call(node: Node, call: int, calls: int) -> Node:
    return replace(node, call=call, calls=calls, params=node.params if call == 1 else 0)


def partners(row: Row, rows: dict[str, Row]) -> tuple[str, ...]:
    """Return the modules outside that hold a parameter of this one or of one within it too."""
    if row.leaf:
        return row.shared_with
    inside = f"{row.path}."
    within = (other for other in rows.values() if other.shared_with and other.path.startswith(inside))
    shared = (path for each in (row, *within) for path in each.shared_with)
    return tuple(dict.fromkeys(path for path in shared if not f"{path}.".startswith(inside)))


def lines(units: list[Unit], wires: tuple[Wire, ...], rows: dict[str, Row]) -> list[Edge]:
    """Return the tensors between boxes: each use of one by a single step, one line into a group."""
    number = {step.id: i for i, unit in enumerate(units) for step in unit.steps}
    found: dict[tuple[object, ...], Edge] = {}
    for i, wire in enumerate(wires):
        source, target = number[wire.source], number[wire.target]
        if source == target:
            continue
        shape = as_given(wire.shape, units[target], rows)
        use = i if len(units[target].steps) == 1 else None
        key: tuple[object, ...] = (wire.source, target, wire.kind, use)
        if wire.kind == "repeat":
            key = (source, None, wire.kind, wire.loop)  # one line back is enough
        found.setdefault(key, Edge(source, target, shape, "", wire.kind, wire.source, wire.each))
    return list(found.values())


def as_given(shape: Shape, unit: Unit, rows: dict[str, Row]) -> Shape:
    """Return the shape in which a module got a tensor that it rearranges within."""
    if unit.scope is None or unit.scope.side_work:
        return shape
    inputs = rows[unit.scope.path].inputs
    return next((given for given in inputs if shape not in inputs and prod(given) == prod(shape)), shape)


def with_skips(nodes: tuple[Node, ...], edges: list[Edge]) -> list[Edge]:
    """Return the lines, those marked that pass by at least one box on their way into a sum or a ``cat``."""
    into: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        if edge.kind == "flow":
            into[edge.target].add(edge.source)
    behind: dict[int, set[int]] = {}
    for node in nodes:  # in the order of execution: what lies behind a source is known before
        behind[node.id] = set().union(*({s} | behind.get(s, set()) for s in into[node.id]))

    def passes_by(edge: Edge) -> bool:
        if edge.kind != "flow" or nodes[edge.target].type not in JOINING:
            return False
        return any(edge.source in behind.get(s, ()) for s in into[edge.target] if s != edge.source)

    return [replace(edge, kind="skip") if passes_by(edge) else edge for edge in edges]


def labelled(nodes: tuple[Node, ...], edges: list[Edge], per_sample: bool) -> tuple[Edge, ...]:
    """Return the lines with a shape where it is not the one the reader has just seen."""
    known: dict[int, set[Shape]] = defaultdict(set)
    for node in nodes:
        if node.kind == "input":
            known[node.id] |= set(node.shapes)
    for edge in edges:
        if edge.kind != "repeat":
            known[edge.target].add(edge.shape)
    result = []
    for edge in edges:
        label = f"from each of {edge.each}" if edge.each > 1 else ""
        if (
            edge.kind != "repeat"
            and edge.shape not in known[edge.source]
            and nodes[edge.target].kind != "output"
        ):
            known[edge.source].add(edge.shape)  # once is enough for all lines from there
            label = " ".join([shape_text(edge.shape, per_sample), label]).strip()
        result.append(replace(edge, label=label))
    return tuple(result)
