"""What a traced run comes to: which layer fails first, what it wants and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.layers import layer_family
from nnarch_nb.core.network import name_of
from nnarch_nb.core.trace import Failure, Operation, Shape, Trace, channelless
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.check import Step

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
RESHAPES = {
    "Flatten", "flatten", "view", "reshape", "squeeze", "unflatten", "Unflatten", "contiguous", "ravel",
    "Dropout", "dropout", "Dropout2d", "Identity", "clone", "to", "float",
}  # fmt: skip
# How many of these a layer returns.
RETURNS = ("out_features", "out_channels")


@dataclass(frozen=True)
class Finding:
    """Why a run failed.

    Attributes
    ----------
    path, kind
        Of the failing layer.
    shape
        Of its first input, batch included; None where it got no tensor.
    size
        The attribute of the layer that says what it wants, where that is the reason.
    expected, got
        Wanted and given sizes.
    source
        The last step with more than two dimensions whose sizes multiply to ``got``.
    reason
        In one sentence.
    """

    path: str
    kind: str
    reason: str
    shape: tuple[int, ...] | None = None
    size: str | None = None
    expected: int | None = None
    got: int | None = None
    source: Step | None = None

    @property
    def arithmetic(self) -> str:
        return product(self.source.output[1:]) if self.source else ""


def finding_of(model: nn.Module, call: Call, run: Trace, classes: int | None = None) -> Finding | None:
    """Return why the run failed, or why its result cannot be what is wanted; None if all is well."""
    if run.failure is None:
        return (
            missing_channels(model, call, run)
            or swallowed_batch(model, call, run, classes)
            or other_classes(model, run, classes)
        )
    failure = run.failure
    layer = layer_at(model, failure.path)
    shape = failure.inputs[0] if failure.inputs else None
    wanted = unmet(layer, shape)
    if wanted is None or shape is None:
        return Finding(failure.path, failure.kind, failed(failure, layer), shape)
    size, unit, expected, got = wanted
    source = source_of(run, shape) if unit == "features" else None
    equation = f" = {product(source.output[1:])}" if source else ""
    reason = f"{named(failure.path, failure.kind)} expects {expected} {unit} but gets {got}{equation}"
    return Finding(failure.path, failure.kind, reason, shape, size, expected, got, source)


def failed(failure: Failure, layer: nn.Module) -> str:
    """Return a failure that is no matter of one size, in torch's words."""
    if isinstance(layer, (nn.Embedding, nn.EmbeddingBag)) and failure.error == "IndexError":
        rows = layer.num_embeddings
        return (
            f"{named(failure.path, failure.kind)} has {rows} rows, 0 to {rows - 1}, but is asked for another"
        )
    where = f"{failure.path} ({failure.kind})" if failure.path else f"{failure.kind}.forward"
    doing = f" in {failure.operation}" if failure.operation else ""
    given = f" given {', '.join(map(str, failure.inputs))}" if failure.inputs else ""
    return f"{where} fails{doing}{given}: {shorten(failure.message, 200)}"


def named(path: str, kind: str) -> str:
    return f"{path} ({kind})" if path else kind


def layer_at(model: nn.Module, path: str) -> Any:
    """Return a module by its path; a compiled script has no ``get_submodule``."""
    return dict(model.named_modules())[path]


def missing_channels(model: nn.Module, call: Call, run: Trace) -> Finding | None:
    """Return that a picture without channels passed for a single picture without a batch."""
    row = channelless(model, call, run)
    if row is None:
        return None
    who, sample = named(row.path, row.kind), "×".join(map(str, call.sample or ()))
    reason = f"{who} wants channels, and the sample {sample} has none: the batch is taken for them"
    return Finding(row.path, row.kind, reason, row.inputs[0])


def swallowed_batch(model: nn.Module, call: Call, run: Trace, classes: int | None) -> Finding | None:
    """Return that the samples of a batch are mixed up, which a forward run alone does not show."""
    if call.sample is None or batch_kept(call, run, strictly=classes is not None):
        return None
    reason = (
        f"{name_of(model)} returns the shape {run.output} for a batch of one sample: "
        "a flatten or view mixes the batch into the features; x.flatten(1) keeps them apart"
    )
    return Finding("", type(model).__name__, reason, call.tensors[0].shape)


def batch_kept(call: Call, run: Trace, strictly: bool = False) -> bool:
    """Tell whether as many results come out as samples went in: a layer may swallow the batch.

    Parameters
    ----------
    strictly
        The batch must come first; else second too, as where time comes first.
    """
    batch = {x.shape[0] for x in call.tensors if x.dim()}
    output = run.output if isinstance(run.output, tuple) and run.output else None
    if not batch or output is None or isinstance(output[0], tuple):
        return True
    return bool(batch & {*output[: 1 if strictly else 2]})


def unmet(layer: nn.Module, shape: tuple[int, ...] | None) -> tuple[str, str, int, int] | None:
    """Return attribute, unit, wanted and given size of a layer whose want is not met."""
    for kind, attribute, unit, dimension in WANTS:
        if isinstance(layer, kind) and shape is not None and len(shape) > max(dimension, 0):
            if isinstance(layer, _ConvNd) and len(shape) == len(layer.kernel_size) + 1:
                dimension = 0  # without a batch
            expected, got = getattr(layer, attribute), shape[dimension]
            return (attribute, unit, expected, got) if expected != got else None
    return None


def other_classes(model: nn.Module, run: Trace, classes: int | None) -> Finding | None:
    """Return that the network's outputs are not the data's classes, where both are known."""
    output = run.output
    if classes is None or not output or not isinstance(output[-1], int) or output[-1] == classes:
        return None
    last = next((row for row in reversed(run.rows) if row.leaf and row.own_params and row.calls), None)
    path, kind = (last.path, last.kind) if last else ("", type(model).__name__)
    size = next((name for name in RETURNS if hasattr(layer_at(model, path), name)), None)
    reason = f"{path} ({kind}) returns {output[-1]} numbers a sample but the data asks for {classes}"
    return Finding(path, kind, reason, output, size, classes, output[-1])


def steps_of(run: Trace) -> tuple[Step, ...]:
    """Return layers and functions that ran, in order, each with the shape of its first result."""
    done = [op for op in run.operations if op.kind in ("module", "function") and op.shapes]
    return tuple(Step(op.path if op.kind == "module" else "", op.name, op.shapes[0]) for op in done)


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


def product(sizes: tuple[int, ...]) -> str:
    return "·".join(map(str, sizes))
