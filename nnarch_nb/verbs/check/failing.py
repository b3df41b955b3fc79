"""Why a run failed: what the failing layer wants, what it gets, and where that came from."""

from __future__ import annotations

from math import prod
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.core.layers import layer_family
from nnarch_nb.core.trace import Failure, Operation, Shape, Trace
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.check import Step
from nnarch_nb.verbs.check.finding import Finding, layer_at, named, product

CHANNELS, FEATURES = 1, -1
# What a layer wants: the attribute that says how many, of what, and the dimension that must match.
WANTS: tuple[tuple[type[nn.Module], str, str, int], ...] = (
    (nn.Linear, "in_features", "features", FEATURES),
    (_ConvNd, "in_channels", "channels", CHANNELS),
    (_BatchNorm, "num_features", "channels", CHANNELS),
    (nn.GroupNorm, "num_channels", "channels", CHANNELS),
    (nn.RNNBase, "input_size", "features", FEATURES),
    (nn.MultiheadAttention, "embed_dim", "features", FEATURES),
)
# Functions whose tensors must agree in size.
JOINS = {"cat", "stack", "add", "sub", "mul", "truediv", "div"}
RESHAPES = {
    "Flatten", "flatten", "view", "reshape", "squeeze", "unflatten", "Unflatten", "contiguous", "ravel",
    "Dropout", "dropout", "Dropout2d", "Identity", "clone", "to", "float",
}  # fmt: skip


def why_it_fails(model: nn.Module, run: Trace, failure: Failure) -> Finding:
    """Return what the layer that failed wants, and what it got."""
    layer = layer_at(model, failure.path)
    shape = failure.inputs[0] if failure.inputs else None
    if shape is not None and failure.index is not None and layer.num_embeddings <= failure.index:
        return out_of_rows(failure, layer, failure.index)
    wanted = unmet(layer, shape)
    if wanted is None or shape is None:
        sides = tuple(shape for shape, _ in failure.operands) if failure.operation in JOINS else ()
        return Finding(failure.path, failure.kind, failed(failure), shape, sides=sides)
    size, unit, expected, got = wanted
    source = source_of(run, shape) if unit == "features" else None
    equation = f" = {product(source.output[1:])}" if source else ""
    reason = f"{named(failure.path, failure.kind)} expects {expected} {unit} but gets {got}{equation}"
    return Finding(failure.path, failure.kind, reason, shape, size, expected, got, source)


def out_of_rows(failure: Failure, layer: Any, index: int) -> Finding:
    rows = layer.num_embeddings
    reason = (
        f"{named(failure.path, failure.kind)} has {rows} rows, 0 to {rows - 1}, but is asked for row {index}"
    )
    return Finding(failure.path, failure.kind, reason, failure.inputs[0], "num_embeddings", rows, index + 1)


def failed(failure: Failure) -> str:
    """Return a failure that is no matter of one size: the branches that do not meet, or torch's words."""
    if failure.operation in JOINS and len({shape for shape, _ in failure.operands}) > 1:
        parts = [f"{product(shape, '×')} (from {made or 'a constant'})" for shape, made in failure.operands]
        return f"{failure.operation} in {named(failure.path, failure.kind)} cannot join {' and '.join(parts)}"
    where = f"{failure.path} ({failure.kind})" if failure.path else f"{failure.kind}.forward"
    doing = f" in {failure.operation}" if failure.operation else ""
    given = f" given {', '.join(map(str, failure.inputs))}" if failure.inputs else ""
    return f"{where} fails{doing}{given}: {shorten(failure.message, 200)}"


def unmet(layer: nn.Module, shape: tuple[int, ...] | None) -> tuple[str, str, int, int] | None:
    """Return attribute, unit, wanted and given size of a layer whose want is not met."""
    for kind, attribute, unit, dimension in WANTS:
        if isinstance(layer, kind) and shape is not None and len(shape) > max(dimension, 0):
            if isinstance(layer, _ConvNd) and len(shape) == len(layer.kernel_size) + 1:
                dimension = 0  # without a batch
            expected, got = getattr(layer, attribute), shape[dimension]
            return (attribute, unit, expected, got) if expected != got else None
    return None


def source_of(run: Trace, shape: Shape) -> Step | None:
    """Return the picture of several dimensions that was flattened to the last result of this shape.

    The dataflow is followed back from there, through what moves numbers and what leaves their places.
    """
    made = {edge.target: edge.source for edge in run.edges}
    at = next((op for op in reversed(run.operations) if op.shapes[:1] == (shape,)), None)
    while at is not None and at.kind in ("module", "function"):
        output = at.shapes[0]
        if len(output) > 2:
            return Step(at.path if at.kind == "module" else "", at.name, output)
        at = run.operations[made[at.id]] if keeps_numbers(at) and at.id in made else None
        if at is not None and (not at.shapes or prod(at.shapes[0]) != prod(shape)):
            return None
    return None


def keeps_numbers(step: Operation) -> bool:
    family = layer_family(step.name)
    return step.name in RESHAPES or family in ("activation", "normalization")
