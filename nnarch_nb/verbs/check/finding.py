"""What a traced run comes to: which layer fails first, what it wants and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.core.trace import Trace
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


def finding_of(model: nn.Module, run: Trace, classes: int | None = None) -> Finding | None:
    """Return why the run failed, or why its result does not fit the data; None if all is well."""
    if run.failure is None:
        return other_classes(model, run, classes)
    failure = run.failure
    layer = model.get_submodule(failure.path)
    shape = failure.inputs[0] if failure.inputs else None
    wanted = unmet(layer, shape)
    if wanted is None or shape is None:
        where = f"{failure.path} ({failure.kind})" if failure.path else f"{failure.kind}.forward"
        doing = f" in {failure.operation}" if failure.operation else ""
        given = f" given {', '.join(map(str, failure.inputs))}" if failure.inputs else ""
        told = shorten(failure.message, 200)
        return Finding(failure.path, failure.kind, f"{where} fails{doing}{given}: {told}", shape)
    size, unit, expected, got = wanted
    source = source_of(run, got) if unit == "features" else None
    equation = f" = {product(source.output[1:])}" if source else ""
    who = f"{failure.path} ({failure.kind})" if failure.path else failure.kind
    reason = f"{who} expects {expected} {unit} but gets {got}{equation}"
    return Finding(failure.path, failure.kind, reason, shape, size, expected, got, source)


def unmet(layer: nn.Module, shape: tuple[int, ...] | None) -> tuple[str, str, int, int] | None:
    """Return attribute, unit, wanted and given size of a layer whose want is not met."""
    for kind, attribute, unit, dimension in WANTS:
        if isinstance(layer, kind) and shape is not None and len(shape) > max(dimension, 0):
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
    size = next((name for name in RETURNS if hasattr(model.get_submodule(path), name)), None)
    reason = f"{path} ({kind}) returns {output[-1]} numbers a sample but the data asks for {classes}"
    return Finding(path, kind, reason, output, size, classes, output[-1])


def steps_of(run: Trace) -> tuple[Step, ...]:
    """Return layers and functions that ran, in order, each with the shape of its first result."""
    done = [op for op in run.operations if op.kind in ("module", "function") and op.shapes]
    return tuple(Step(op.path if op.kind == "module" else "", op.name, op.shapes[0]) for op in done)


def source_of(run: Trace, features: int) -> Step | None:
    """Return the last step whose picture of several dimensions, flattened, has that many features."""
    fits = [s for s in steps_of(run) if len(s.output) > 2 and prod(s.output[1:]) == features]
    return fits[-1] if fits else None


def product(sizes: tuple[int, ...]) -> str:
    return "·".join(map(str, sizes))
