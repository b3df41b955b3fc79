"""Where a forward run stopped and what was given there: what a diagnosis starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from nnarch_nb.core.trace.steps import Shape, Shapes


class Given(NamedTuple):
    """A tensor that the step which failed got; ``source`` is the step that made it, empty for a constant."""

    shape: Shape
    dtype: str
    device: str
    source: str
    weight: bool


@dataclass(frozen=True)
class Failure:
    """Where and why the forward run stopped.

    Attributes
    ----------
    path, kind
        The innermost module that was running: dotted path (``""`` for the network) and class name.
    inputs
        Shapes of the tensors it got.
    operation
        Name of the torch function that failed, None if it was not one.
    operands
        The tensors that function got: shape of each, and where it came from, such as ``enc.1``; empty
        for one that does not depend on the inputs.
    index
        The largest index that an embedding was asked for, where it failed on values.
    message, error
        What was raised: the first lines of its text, and its type's name.
    arguments, takes
        The tensors that the module got, with type and device, and the classes of its positional
        arguments, such as ``tuple``.
    given, values
        All tensors that the function got, weights among them, and its positional arguments with those
        by name last; in the place of a tensor the word ``Tensor``.
    line
        The line of the user's code that was running; empty where none is known.
    """

    path: str
    kind: str
    inputs: Shapes
    operation: str | None
    message: str
    error: str
    operands: tuple[tuple[Shape, str], ...] = ()
    index: int | None = None
    arguments: tuple[Given, ...] = ()
    takes: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    values: tuple[Any, ...] = ()
    line: str = ""

    @property
    def is_inherent(self) -> bool:
        """Whether what failed does not depend on the inputs, so that other values would fail too."""
        constant = bool(self.operands) and not any(source for _, source in self.operands)
        return constant or self.message.startswith("Dimension out of range")
