"""How much of the whole each box takes: of the arithmetic, the weights, the memory or the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nnarch_nb.core.trace import Operation, Row
from nnarch_nb.verbs.graph.parts import Heat, Node
from nnarch_nb.verbs.graph.units import Unit


def heated(
    nodes: tuple[Node, ...],
    units: list[Unit],
    drawn_for: Mapping[int, list[int]],
    steps: Mapping[int, Operation],
    rows: dict[str, Row],
    heat: Heat,
    seconds: Mapping[int, float] | None,
) -> tuple[Node, ...]:
    """Return the boxes with their shares; those of all copies that a box is drawn for count."""
    values = []
    for node, unit in zip(nodes, units, strict=True):
        members = [steps[number] for step in unit.steps for number in drawn_for[step.id]]
        values.append(value(node, members, rows, heat, seconds))
    whole = sum(each for each in values if each is not None)
    return tuple(
        replace(node, heat=None if each is None or not whole else each / whole)
        for node, each in zip(nodes, values, strict=True)
    )


def value(
    node: Node,
    members: list[Operation],
    rows: dict[str, Row],
    heat: Heat,
    seconds: Mapping[int, float] | None,
) -> float | None:
    if node.kind in ("input", "output", "more"):
        return None
    if heat == "time":
        timed = [(seconds or {}).get(step.id) for step in members]
        return None if None in timed else sum(each or 0.0 for each in timed)
    if heat == "memory":
        return sum(step.bytes for step in members)
    if heat == "params":
        holds = node.kind != "function" and node.call == 1
        paths = {path_of(node, step) for step in members} if holds else set()
        return sum(rows[path].params for path in paths)
    if node.kind != "function" and rows[node.path].macs is None:
        return None
    return sum(step.macs for step in members)


def path_of(node: Node, step: Operation) -> str:
    """Return the module that the box is for, among the copies: the one as deep as that it is named by."""
    return ".".join(step.path.split(".")[: node.path.count(".") + 1])
