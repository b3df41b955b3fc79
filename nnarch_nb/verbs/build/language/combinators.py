"""What runs other layers, each read in its way: ``Residual Repeat Add Concat Branch``."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nnarch_nb.errors import did_you_mean
from nnarch_nb.verbs.build.language.literals import literal
from nnarch_nb.verbs.build.language.tree import COMBINATORS, Layer, Path

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.language.reader import Reader

# The arguments by name that each takes; the others are layers.
NAMED = {"Residual": ("shortcut",), "Repeat": (), "Add": (), "Concat": ("dim",), "Branch": ()}


def combinator_of(call: ast.Call, name: str, reader: Reader) -> Layer:
    """Return the combinator with the paths it runs."""
    named = {}
    for keyword in call.keywords:
        if keyword.arg not in NAMED[name]:
            near = did_you_mean(str(keyword.arg), NAMED[name])
            raise reader.source.complaint(
                call, f"has no argument {keyword.arg}.{near} Write {COMBINATORS[name]}"
            )
        named[keyword.arg] = keyword.value
    layer = HOW_READ[name](call, named, reader)
    reader.bound([layer], call)
    return layer


def residual(call: ast.Call, named: dict[str, ast.expr], reader: Reader) -> Layer:
    paths: tuple[Path, ...] = (body(call, call.args, reader),)
    if "shortcut" in named:
        paths += (path_of(named["shortcut"], reader),)
    return Layer("Residual", paths=paths, where=reader.source.where(call))


def repeat(call: ast.Call, named: dict[str, ast.expr], reader: Reader) -> Layer:
    if not call.args or isinstance(call.args[0], (ast.Call, ast.List)):
        raise reader.source.complaint(call, f"does not say how often; write {COMBINATORS['Repeat']}")
    times: Any = literal(call.args[0], reader.source, reader.parameters)
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise reader.source.complaint(
            call.args[0], "is no number of copies; write a whole number of 1 or more"
        )
    return Layer(
        "Repeat", (times,), paths=(body(call, call.args[1:], reader),), where=reader.source.where(call)
    )


def paths(call: ast.Call, named: dict[str, ast.expr], reader: Reader) -> Layer:
    """Return ``Add`` or ``Concat``: each argument is a path."""
    name = getattr(call.func, "id", "Add")
    if len(call.args) < 2:
        raise reader.source.complaint(
            call, f"takes two paths or more, each an argument of its own; write {COMBINATORS[name]}"
        )
    given = tuple((key, whole(value, reader)) for key, value in named.items())
    return Layer(
        name,
        (),
        given,
        paths=tuple(path_of(arg, reader) for arg in call.args),
        where=reader.source.where(call),
    )


def branch(call: ast.Call, named: dict[str, ast.expr], reader: Reader) -> Layer:
    layers = tuple(layer for arg in call.args for layer in reader.layers(arg))
    if not layers:
        raise reader.source.complaint(
            call, f"runs no layers; write {COMBINATORS['Branch']}, or [] for a path that changes nothing"
        )
    return Layer("Branch", paths=(layers,), where=reader.source.where(call))


HOW_READ: dict[str, Callable[[ast.Call, dict[str, ast.expr], Reader], Layer]] = {
    "Residual": residual,
    "Repeat": repeat,
    "Add": paths,
    "Concat": paths,
    "Branch": branch,
}


def body(call: ast.Call, args: list[ast.expr], reader: Reader) -> Path:
    layers = tuple(layer for arg in args for layer in reader.layers(arg))
    if not layers:
        name = getattr(call.func, "id", "")
        raise reader.source.complaint(call, f"runs no layers; write {COMBINATORS[name]}")
    return layers


def path_of(node: ast.expr, reader: Reader) -> Path:
    """Return one path: a list, the layers of a ``Branch``, a layer or a named part."""
    layers = tuple(reader.layers(node))
    plain = isinstance(node, ast.Call) and len(layers) == 1 and layers[0].name == "Branch"
    return layers[0].paths[0] if plain and not layers[0].label and layers[0].combines else layers


def whole(node: ast.expr, reader: Reader) -> int:
    value = literal(node, reader.source, reader.parameters)
    if isinstance(value, bool) or not isinstance(value, int):
        raise reader.source.complaint(node, "is no dimension; write a whole number such as 1, the channels")
    return value
