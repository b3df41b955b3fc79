"""What the annotation of a parameter asks for: alternatives, choices, several values, an object."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from nnarch_nb.core.types import OneOf, WordOf
from nnarch_nb.magics.kinds import KINDS, OBJECT, Kind
from nnarch_nb.magics.values import PLAIN

MANY = (list, tuple, Sequence)


def members(annotation: Any) -> list[Any]:
    """Return the alternatives in an annotation; ``None`` is one."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for part in get_args(annotation) for member in members(part)]
    if get_origin(annotation) is not Annotated:
        return [annotation]
    marks = [mark for mark in get_args(annotation) if isinstance(mark, OneOf)]
    inner = members(get_args(annotation)[0])
    # A mark on a list is meant for each of its values.
    return [marked(form, marks) for form in inner] if marks else inner


def marked(form: Any, marks: list[OneOf]) -> Any:
    choice = Annotated[(str, *marks)]
    return list[choice] if is_many(form) else choice


def word_of(annotation: Any) -> str | None:
    """Return the parameter whose word the option is, if it is one's."""
    parts = (annotation, *get_args(annotation))  # the mark may stand within ``… | None``
    marks = [mark for part in parts for mark in get_args(part) if isinstance(mark, WordOf)]
    return marks[0].parameter if marks else None


def choices(form: Any) -> dict[str, Any]:
    """Return the values a choice allows by their text; nothing for what is no choice."""
    if get_origin(form) is Literal:
        return {str(value): value for value in get_args(form)}
    if get_origin(form) is Annotated:
        names = [name for mark in get_args(form) if isinstance(mark, OneOf) for name in mark.names()]
        return {name: name for name in names}
    return {}


def is_many(form: Any) -> bool:
    return form in MANY or get_origin(form) in MANY


def kind_of(form: Any) -> Kind | None:
    """Return what kind of object is asked for; None for what is read as text."""
    if form in PLAIN or form is type(None) or is_many(form) or choices(form):
        return None
    return KINDS.get(form) or KINDS.get(get_origin(form)) or OBJECT


def kinds_of(annotation: Any) -> list[Kind]:
    return [kind for kind in map(kind_of, members(annotation)) if kind is not None]
