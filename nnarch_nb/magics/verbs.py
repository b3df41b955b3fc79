"""A verb as a command line, derived from its function's signature and docstring.

cyclopts binds words to parameters. It is shown the verb with every object and option as plain text,
because it would walk into the types it is shown: a parameter annotated with a dataclass would become
one option per field, and annotations that need torch would be imported. ``words`` turns the bound
text into what the real annotations ask for. Each verb is imported when it is first asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_type_hints

from nnarch_nb.core.types import Spec
from nnarch_nb.magics import docstring
from nnarch_nb.magics.annotations import is_many, members

if TYPE_CHECKING:
    from cyclopts import App


@dataclass(frozen=True)
class Parameter:
    """One parameter of a verb.

    Attributes
    ----------
    name
        In the signature.
    options
        The spellings on a line: ``--lr``, or ``--amp`` and ``--no-amp``.
    annotation, default
        From the signature; the default is ``inspect.Parameter.empty`` where one is required.
    place
        Its position among the words without a name; None where it must be named.
    switch
        It takes no word.
    about
        Its lines in the docstring.
    """

    name: str
    options: tuple[str, ...]
    annotation: Any
    default: Any
    place: int | None
    switch: bool
    about: str

    @property
    def label(self) -> str:
        """How messages and help call it: ``MODEL`` by position, ``--lr`` by name."""
        return self.options[0] if self.place is None else self.name.upper()

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty


class Verb:
    """One verb.

    Parameters
    ----------
    name
        As it is typed.
    place
        Where its function is: ``package.module:function``.
    """

    def __init__(self, name: str, place: str) -> None:
        self.name, self._place = name, place

    @cached_property
    def function(self) -> Callable[..., Any]:
        module, name = self._place.split(":")
        function: Callable[..., Any] = getattr(import_module(module), name)
        return function

    @cached_property
    def annotations(self) -> dict[str, Any]:
        return get_type_hints(self.function, include_extras=True)

    @cached_property
    def app(self) -> App:
        from cyclopts import App
        from cyclopts import Parameter as Rules

        app = App(
            name=f"%nnarch {self.name}",
            help_flags=[],
            version_flags=[],
            exit_on_error=False,
            print_error=False,
            default_parameter=Rules(negative_iterable=()),
        )
        app.default(in_words(self.function, self.annotations))
        return app

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        about = docstring.parameters(self.function)
        arguments = self.app.assemble_argument_collection()
        return {a.field_info.name: self._parameter(a, about.get(a.field_info.name, "")) for a in arguments}

    @cached_property
    def body(self) -> Parameter | None:
        """The parameter that a cell's body is given to: the first, if it is an architecture."""
        first = next(iter(self.parameters.values()), None)
        return first if first is not None and Spec in members(first.annotation) else None

    def _parameter(self, argument: Any, about: str) -> Parameter:
        info = argument.field_info
        return Parameter(
            info.name,
            tuple(argument.names),
            self.annotations[info.name],
            info.default,
            argument.index,
            argument.is_flag(),
            about,
        )


def verbs_of(table: Mapping[str, str]) -> dict[str, Verb]:
    """Return the verbs in a table from their names to their places, by what they are called on a line."""
    return {on_line(name): Verb(on_line(name), place) for name, place in table.items()}


def on_line(name: str) -> str:
    """Return how a line spells a verb: ``load-pretrained``; Python's own spelling is taken too."""
    return name.replace("_", "-")


def in_words(function: Callable[..., Any], annotations: Mapping[str, Any]) -> Callable[..., Any]:
    """Return a stand-in whose parameters are words, lists of words and switches."""

    def stand_in(*args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("only its signature is used")

    parameters = inspect.signature(function).parameters.values()
    plain = [p.replace(annotation=plain_form(annotations[p.name])) for p in parameters]
    vars(stand_in).update(__signature__=inspect.Signature(plain))
    return stand_in


def plain_form(annotation: Any) -> Any:
    if set(members(annotation)) - {type(None)} == {bool}:
        return bool  # a switch, which may be left as it is
    return list[str] if any(map(is_many, members(annotation))) else str
