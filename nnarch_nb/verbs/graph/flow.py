"""From the traced operations to those worth drawing: views drawn through, dead ends left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from nnarch_nb.core.trace import Edge, Operation, Trace

# They arrange numbers and change none.
VIEWS = {
    "view", "view_as", "reshape", "reshape_as", "flatten", "unflatten", "ravel", "squeeze", "unsqueeze",
    "transpose", "permute", "movedim", "moveaxis", "swapaxes", "swapdims", "t", "T", "mT", "H", "mH",
    "adjoint", "contiguous", "clone", "detach", "data", "alias", "expand", "expand_as", "broadcast_to",
    "repeat", "repeat_interleave", "getitem", "select", "narrow", "chunk", "split", "tensor_split", "unbind",
    "to", "type", "type_as", "float", "half", "bfloat16", "double", "cpu", "cuda",
}  # fmt: skip


@dataclass(frozen=True)
class Flow:
    """The operations to draw, the tensors between them, and how many of which kind are not drawn."""

    steps: tuple[Operation, ...]
    edges: tuple[Edge, ...]
    views: int
    dead: int


def worth_drawing(run: Trace) -> Flow:
    """Return the dataflow without views and without functions whose result is never used."""
    behind = behind_views(run)
    edges = [
        Edge(behind.get(edge.source, edge.source), edge.target, edge.shape)
        for edge in run.edges
        if edge.target not in behind
    ]
    steps = [step for step in run.operations if step.id not in behind]
    alive = used(steps, edges)
    return Flow(
        steps=tuple(step for step in steps if step.id in alive),
        edges=tuple(edge for edge in edges if edge.target in alive),
        views=len(behind),
        dead=len(steps) - len(alive),
    )


def behind_views(run: Trace) -> dict[int, int]:
    """Return, for each view of one tensor, the operation that the tensor comes from."""
    sources: dict[int, set[int]] = defaultdict(set)
    for edge in run.edges:
        sources[edge.target].add(edge.source)
    behind: dict[int, int] = {}
    for step in run.operations:  # in the order of execution: what a view views is known before it
        if step.kind == "function" and step.name in VIEWS and len(sources[step.id]) == 1:
            (source,) = sources[step.id]
            behind[step.id] = behind.get(source, source)
    return behind


def used(steps: list[Operation], edges: list[Edge]) -> set[int]:
    """Return the operations that are no function or lead to one that is not."""
    targets: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        targets[edge.source].append(edge.target)
    alive: set[int] = set()
    for step in reversed(steps):
        if step.kind != "function" or any(target in alive for target in targets[step.id]):
            alive.add(step.id)
    return alive
