"""What is wrong with a traced run, as a record, and the words it is told in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from nnarch_nb.core.inputs import Call, made_from_shape
from nnarch_nb.core.trace import Failure, Trace
from nnarch_nb.verbs.check import Step

Widths = tuple[int, ...]  # how many numbers a sample the data can read, the likeliest first; empty for any
Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Finding:
    """Why a run failed, or why its result does not fit.

    Attributes
    ----------
    path, kind
        Of the layer that fails, or whose result does not fit.
    shape
        Of its first input, batch included; None where it got no tensor.
    cause
        The mistake by its short name, for the rules that mend it.
    size
        The attribute of the layer that says what it wants, where that is the reason.
    dimension
        The dimension of the input that has to be of that size.
    expected, got
        Wanted and given sizes.
    sides
        Shapes that a join of two branches was given, where that is what fails.
    source
        The last step with more than two dimensions whose sizes multiply to ``got``.
    detail
        What else the rule that mends it has to know: a name, or a type.
    reason
        In one sentence.
    """

    path: str
    kind: str
    reason: str
    shape: Sizes | None = None
    cause: str = ""
    size: str | None = None
    expected: int | None = None
    got: int | None = None
    source: Step | None = None
    sides: tuple[Sizes, ...] = ()
    dimension: int | None = None
    detail: Any = None

    @property
    def arithmetic(self) -> str:
        return product(self.source.output[1:]) if self.source else ""

    @property
    def who(self) -> str:
        """The layer's path, as a person would point at it."""
        return self.path or self.kind


@dataclass(frozen=True)
class Case:
    """A network, what it was called with, and the run that came of it.

    Attributes
    ----------
    widths, dense
        What the data asks for: so many numbers a sample, or an answer of this shape for every step or pixel.
    """

    model: nn.Module
    call: Call
    run: Trace
    widths: Widths = ()
    dense: tuple[int, ...] = ()

    @property
    def failure(self) -> Failure | None:
        return self.run.failure

    @property
    def image(self) -> Any:
        """The one tensor that the network was given, or its one picture beside ids and masks; else None."""
        named = self.named_image
        return named[1] if named else None

    @property
    def named_image(self) -> tuple[str, Any] | None:
        """That tensor with the name of its argument, ``x`` for a positional one."""
        given = [("x", value) for value in self.call.args] + list(self.call.kwargs.items())
        tensors = [(name, value) for name, value in given if isinstance(value, Tensor)]
        if len(tensors) != len(self.call.tensors):
            return None
        if len(tensors) > 1:
            tensors = [one for one in tensors if one[1].is_floating_point()]
            tensors = [one for one in tensors if len(tensors) == 1 and one[1].dim() > 2]
        return tensors[0] if tensors else None

    @property
    def x(self) -> str:
        """What the code of a proposal calls that tensor."""
        return self.named_image[0] if self.named_image else "x"

    @property
    def input_sources(self) -> set[str]:
        """What a trace calls the inputs."""
        return {step.name for step in self.run.operations if step.kind == "input"}

    @property
    def shape_given(self) -> bool:
        """Whether a shape was given, and no numbers."""
        return made_from_shape(self.call)

    def layer(self, path: str) -> Any:
        return layer_at(self.model, path)


Reason = Callable[[Case, Failure], Finding | None]


def found(failure: Failure, reason: str, cause: str, **more: Any) -> Finding:
    """Return a finding at the layer that failed."""
    shape = failure.inputs[0] if failure.inputs else None
    return Finding(failure.path, failure.kind, reason, shape, cause, **more)


def named(path: str, kind: str) -> str:
    return f"{path} ({kind})" if path else kind


def who(failure: Failure) -> str:
    return named(failure.path, failure.kind)


def where(failure: Failure) -> str:
    """Return the function that failed with the layer it is written in, such as ``add in block (Block)``."""
    return f"{failure.operation} in {who(failure)}" if failure.operation else who(failure)


def layer_at(model: nn.Module, path: str) -> Any:
    """Return a module by its path; a compiled script has no ``get_submodule``."""
    return dict(model.named_modules())[path]


def steps_of(run: Trace) -> tuple[Step, ...]:
    """Return layers and functions that ran, in order, each with the shape of its first result."""
    done = [op for op in run.operations if op.kind in ("module", "function") and op.shapes]
    return tuple(Step(op.path if op.kind == "module" else "", op.name, op.shapes[0]) for op in done)


def layers_of(run: Trace) -> tuple[Step, ...]:
    """Return the layers among them; a network that is one layer has the path ""."""
    done = [op for op in run.operations if op.kind == "module" and op.shapes]
    return tuple(Step(op.path, op.name, op.shapes[0]) for op in done)


def product(sizes: Sizes, sign: str = "·") -> str:
    return sign.join(map(str, sizes))


def times(sizes: Sizes) -> str:
    return product(sizes, "×") or "a scalar"
