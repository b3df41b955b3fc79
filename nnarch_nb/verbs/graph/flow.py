"""From the traced operations to those worth drawing: no views, constants or dead ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from nnarch_nb.core.trace import Edge, Operation, Shape, Trace
from nnarch_nb.verbs.graph.stopped import failing_step

# They arrange numbers and change none.
VIEWS = {
    "view", "view_as", "reshape", "reshape_as", "flatten", "unflatten", "ravel", "squeeze", "unsqueeze",
    "transpose", "permute", "movedim", "moveaxis", "swapaxes", "swapdims", "t", "T", "mT", "H", "mH",
    "adjoint", "contiguous", "clone", "detach", "data", "alias", "expand", "expand_as", "broadcast_to",
    "repeat", "repeat_interleave", "getitem", "select", "narrow", "chunk", "split", "tensor_split", "unbind",
    "to", "type", "type_as", "float", "half", "bfloat16", "double", "cpu", "cuda", "tile",
}  # fmt: skip
# Of the second tensor they take the form alone.
TAKE_THE_FORM = {"view_as", "reshape_as", "expand_as", "type_as", "to"}
JOINING = {"cat", "concat", "concatenate"}
# They take the form or type of a tensor and none of its numbers.
CONSTANTS = {
    "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "zeros_like", "ones_like", "full_like",
    "empty_like",
}  # fmt: skip
RANDOM = {"rand_like", "randn_like", "randint_like"}  # drawn, though no line leads to them


Place = tuple[int, int]  # a step, and which of the tensors that it takes


@dataclass(frozen=True)
class Flow:
    """The operations to draw, the tensors between them, and how many of which kind are not drawn.

    ``failed`` is the number of the one that raised, added to those that ran; ``broken`` says that no line
    leads from an input to the output, as where a transform such as ``vmap`` hides the tensors. ``through``
    has the views on the way to a step's tensor, by step and place; ``constants`` what no line leads from.
    """

    steps: tuple[Operation, ...]
    edges: tuple[Edge, ...]
    views: int
    dead: int
    failed: int | None = None
    broken: bool = False
    ignores: bool = False
    through: Mapping[Place, tuple[Operation, ...]] = field(default_factory=dict)
    constants: Mapping[Place, str] = field(default_factory=dict)


def worth_drawing(run: Trace) -> Flow:
    """Return the dataflow without views and constants, and without functions whose result is never used."""
    operations, links = list(run.operations), list(run.edges)
    failed = failing_step(run)
    if failed is not None:
        operations.append(failed[0])
        links += failed[1]
    constant = {step.id for step in operations if step.kind == "function" and step.name in CONSTANTS}
    random = {step.id for step in operations if step.kind == "function" and step.name in RANDOM}
    links = [edge for edge in links if edge.target not in random]
    behind = behind_views(operations[: len(run.operations)], links)  # the one that failed is drawn
    edges = [
        edge._replace(source=behind.get(edge.source, edge.source))
        for edge in links
        if edge.target not in behind and not {behind.get(edge.source, edge.source), edge.target} & constant
    ]
    steps = [step for step in operations if step.id not in behind and step.id not in constant]
    apart = failed is None and is_broken(steps, edges)
    broken = apart and run.mode == "real"  # without values nothing leaves torch
    alive = {step.id for step in steps} if failed or broken else used(steps, edges)
    return Flow(
        steps=tuple(step for step in steps if step.id in alive),
        edges=tuple(edge for edge in edges if edge.target in alive),
        views=len(behind),
        dead=len(steps) - len(alive),
        failed=failed[0].id if failed else None,
        broken=broken,
        ignores=apart and not broken,
        through=views_on_the_way(operations, links, behind),
        constants=constants_taken(operations, links, behind, constant),
    )


def views_on_the_way(
    operations: list[Operation], edges: list[Edge], behind: dict[int, int]
) -> dict[Place, tuple[Operation, ...]]:
    """Return the views between a step and what it takes, the last one last."""
    before = {edge.target: edge.source for edge in reversed(edges) if edge.target in behind}
    found = {}
    for edge in edges:
        if edge.target not in behind and edge.source in behind:
            views, at = [], edge.source
            while at in behind:
                views.append(operations[at])
                at = before[at]
            found[edge.target, edge.place] = tuple(reversed(views))
    return found


def constants_taken(
    operations: list[Operation], edges: list[Edge], behind: dict[int, int], constant: set[int]
) -> dict[Place, str]:
    """Return what each step takes that depends on no input, or on the form of one alone."""
    found = {(step.id, place): text for step in operations for place, text in step.constants}
    for edge in edges:
        source = behind.get(edge.source, edge.source)
        if source in constant:
            step = operations[source]
            found[edge.target, edge.place] = f"{step.name}{step.arguments}{step.index}"
    return found


def behind_views(operations: list[Operation], edges: list[Edge]) -> dict[int, int]:
    """Return, for each view of one tensor, the operation that the tensor comes from."""
    sources: dict[int, list[int]] = defaultdict(list)
    taken: dict[int, list[Shape]] = defaultdict(list)
    for edge in edges:
        sources[edge.target].append(edge.source)
        taken[edge.target].append(edge.shape)
    behind: dict[int, int] = {}
    for step in operations:  # in the order of execution: what a view views is known before it
        if step.kind == "function" and sources[step.id]:
            source, *others = sources[step.id]
            alone = not set(others) - {source}
            if (step.name in VIEWS and (alone or step.name in TAKE_THE_FORM)) or joins_nothing(step, taken):
                behind[step.id] = behind.get(source, source)
    return behind


def joins_nothing(step: Operation, taken: dict[int, list[Shape]]) -> bool:
    """Whether it joins a tensor with an empty one, as a cache does before its first token."""
    return step.name in JOINING and taken[step.id] == list(step.shapes)


def is_broken(steps: list[Operation], edges: list[Edge]) -> bool:
    """Whether there are inputs, and none of them leads to the output."""
    reached = {step.id for step in steps if step.kind == "input"}
    inputs = bool(reached)
    targets: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        targets[edge.source].append(edge.target)
    for step in steps:
        if step.id in reached:
            reached.update(targets[step.id])
    return inputs and not any(step.kind == "output" and step.id in reached for step in steps)


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
