"""The words of the verbs' signatures, free of torch so that help and Tab cost nothing.

An annotation from this module says that a parameter is an *object*: on a ``%nnarch`` line it is
looked up among the notebook's variables. Every other annotation is an option, read as text.
The protocols ask for little because they document and dispatch; the verbs do the checking, where
they can say what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Network(Protocol):
    """A ``torch.nn.Module``."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def modules(self) -> Iterator[Any]: ...


class Networks(Protocol):
    """Several networks: a list or tuple of them, a dict from names to networks, or one alone."""


class Inputs(Protocol):
    """What a network takes.

    A tuple of ints is the shape of one sample without the batch dimension; a tensor or a tuple of
    tensors are the positional arguments; a dict of tensors the keyword arguments; a ``Data`` knows
    its own shape.
    """


class DataLike(Protocol):
    """A ``Data``, a tuple ``(x, y, x_val, y_val)``, or anything else that ``data`` accepts."""


class Source(Protocol):
    """Where data comes from: a name, a path, or a variable that holds it."""


class Spec(Protocol):
    """An architecture: a family's name, a text in the layer language, or a list of layers."""


class Prompt(Protocol):
    """What a network goes on with: a text, a list or tensor of token ids, or a list of such prompts."""


@dataclass(frozen=True)
class WordOf:
    """Mark a text option that on a line is the word given for another: ``Annotated[str, WordOf("data")]``.

    A verb that proposes lines calls the object by it, as a function is not told the name of its argument.
    """

    parameter: str


@dataclass(frozen=True)
class OneOf:
    """Mark a text option whose choices are the keys of a table: ``Annotated[str, OneOf(names)]``.

    The table is reached by a function so that a signature need not import it.
    """

    table: Callable[[], Mapping[str, Any]]

    def names(self) -> list[str]:
        return list(self.table())
