"""What is wrong with a traced run, as a record, and the words it is told in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from nnarch_nb.core.trace import Trace
from nnarch_nb.verbs.check import Step


@dataclass(frozen=True)
class Finding:
    """Why a run failed, or why its result does not fit.

    Attributes
    ----------
    path, kind
        Of the layer that fails, or whose result does not fit.
    shape
        Of its first input, batch included; None where it got no tensor.
    size
        The attribute of the layer that says what it wants, where that is the reason.
    expected, got
        Wanted and given sizes.
    sides
        Shapes that a join of two branches was given, where that is what fails.
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
    sides: tuple[tuple[int, ...], ...] = ()

    @property
    def arithmetic(self) -> str:
        return product(self.source.output[1:]) if self.source else ""


def named(path: str, kind: str) -> str:
    return f"{path} ({kind})" if path else kind


def layer_at(model: nn.Module, path: str) -> Any:
    """Return a module by its path; a compiled script has no ``get_submodule``."""
    return dict(model.named_modules())[path]


def steps_of(run: Trace) -> tuple[Step, ...]:
    """Return layers and functions that ran, in order, each with the shape of its first result."""
    done = [op for op in run.operations if op.kind in ("module", "function") and op.shapes]
    return tuple(Step(op.path if op.kind == "module" else "", op.name, op.shapes[0]) for op in done)


def product(sizes: tuple[int, ...], sign: str = "·") -> str:
    return sign.join(map(str, sizes))
