"""From a text, or a list of texts and layers, to the tree.

What is read is bounded: a few lines of parts made of parts could stand for more layers than there is
memory for.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.verbs.build.language.combinators import combinator_of
from nnarch_nb.verbs.build.language.literals import literal
from nnarch_nb.verbs.build.language.mistakes import (
    no_layer,
    refuse_long_names,
    refuse_odd_arguments,
    refuse_other_names,
)
from nnarch_nb.verbs.build.language.pasted import called, imports_torch, is_row
from nnarch_nb.verbs.build.language.source import EXAMPLE, Source, pointing
from nnarch_nb.verbs.build.language.tree import COMBINATORS, Layer, Path, names_part
from nnarch_nb.verbs.build.language.writer import write

MOST_LAYERS = 10_000
DEEPEST = 32
CALCULATED = (ast.BinOp, ast.UnaryOp, ast.Constant)


def read(spec: str | Sequence[str | Layer]) -> Path:
    r"""Return the layers of a text: calls parted by commas or lines, and what is defined for them.

    Parameters
    ----------
    spec
        The text, or a list of texts and layers, which is the text of its items line by line.

    Raises
    ------
    NNArchError
        Something else than layers with literal arguments, with line and column.

    Examples
    --------
    >>> [str(layer) for layer in read("Conv2d(32, 3), ReLU()\nFlatten()")]
    ['Conv2d(32, 3)', 'ReLU()', 'Flatten()']
    >>> text = '''
    ... width = 16
    ... block = [Conv2d(2 * width, 3, padding=1), ReLU()]
    ... Repeat(2, Residual(block)), Flatten()
    ... '''
    >>> [str(layer) for layer in read(text)]
    ['Repeat(2, Residual(block))', 'Flatten()']
    """
    text = text_of(spec)
    with pointing(text):
        try:
            return Reader(Source(text)).path()
        except (RecursionError, MemoryError):
            raise NNArchError(
                f"the specification is nested too deeply; write layers like {EXAMPLE}"
            ) from None


def text_of(spec: str | Sequence[str | Layer]) -> str:
    """Return the text of a specification; a list is the text of its items, line by line."""
    return spec if isinstance(spec, str) else "\n".join(text_of_item(item) for item in spec)


def text_of_item(item: object) -> str:
    if isinstance(item, Layer):
        return write((item,))
    if isinstance(item, str):
        return item
    raise NNArchError(f"a list of layers holds texts such as 'Conv2d(32, 3)', not {shorten(repr(item))}")


class Reader:
    """Reads one text; knows the parameters and parts that were defined so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.parameters: dict[str, Any] = {}
        self.parts: dict[str, Layer] = {}
        self.rows: list[Path] = []  # whole networks: model = nn.Sequential(...)

    def path(self) -> Path:
        """Return the layers of the text."""
        found: list[Layer] = []
        room = MOST_LAYERS
        for statement in self.source.statements():
            refuse_long_names(self.source, statement)
            if isinstance(statement, ast.Assign):
                self.define(statement)
            elif imports_torch(statement):
                continue
            elif isinstance(statement, ast.Expr):
                layers = self.layers(statement.value)
                if layers and not any(map(runs, layers)):
                    raise self.source.complaint(
                        statement, "runs no layers; an empty part is a path of Add or Concat"
                    )
                self.bound(layers, statement, room)
                found += layers
                room -= sum(layer.size for layer in layers)
            else:
                raise self.source.complaint(statement, no_layer(statement))
        if not found and len(self.parts) == len(self.rows) == 1:
            return self.rows[0]
        if not found and self.parts:
            defined, last = shorten(", ".join(self.parts)), next(reversed(self.parts))
            empty = f"the specification is empty besides what it defines ({defined})"
            raise NNArchError(f"{empty}; write {last} on a line below")
        if not found:
            raise NNArchError(f"the specification is empty; write layers like {EXAMPLE}")
        return tuple(found)

    def define(self, statement: ast.Assign) -> None:
        target = statement.targets[0]
        if len(statement.targets) > 1 or not isinstance(target, ast.Name):
            raise self.source.complaint(
                target, "is no name to define; write block = [Conv2d(64, 3), ReLU()], or list the layers"
            )
        name, value = target.id, statement.value
        if not names_part(name):
            example = name.lower() if names_part(name.lower()) else "block"
            raise self.source.complaint(
                target, f"is torch's or a layer's name; what is defined begins with a small letter: {example}"
            )
        table, meaning = self.meaning(name, value)
        if (name in self.parameters or name in self.parts) and table.get(name) != meaning:
            raise self.source.complaint(target, "is defined above; give this another name")
        table.setdefault(name, meaning)

    def meaning(self, name: str, value: ast.expr) -> tuple[dict[str, Any], Any]:
        """Return where a definition belongs, and what it means."""
        if self.calculates(value):
            number = literal(value, self.source, self.parameters)
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise self.source.complaint(value, f"is no number; {name} can be a number or [layers]")
            return self.parameters, number
        layers = tuple(self.layers(value))
        self.bound(list(layers), value)
        part = Layer("Branch", paths=(layers,), label=name, where=self.source.where(value))
        self.rows += [layers] if is_row(value) else []
        return self.parts, part

    def calculates(self, value: ast.expr) -> bool:
        """Whether a definition is of a number rather than of layers."""
        if isinstance(value, ast.Name):
            return value.id in self.parameters
        holds_layers = any(
            isinstance(node, (ast.Call, ast.List)) or (isinstance(node, ast.Name) and node.id in self.parts)
            for node in ast.walk(value)
        )
        return isinstance(value, CALCULATED) and not holds_layers

    def bound(self, layers: list[Layer], node: ast.AST, most: int = MOST_LAYERS) -> None:
        if sum(layer.size for layer in layers) > most:
            raise self.source.complaint(
                node, f"makes more than {MOST_LAYERS:,} layers; Repeat(n, ...) writes copies"
            )
        if max((layer.depth for layer in layers), default=0) > DEEPEST:
            raise self.source.complaint(node, f"is nested more than {DEEPEST} deep; name no part of a part")

    def layers(self, node: ast.expr) -> list[Layer]:
        """Return the layers of a call, a part's name or a list of such."""
        if isinstance(node, (ast.Tuple, ast.List)):
            return [layer for item in node.elts for layer in self.layers(item)]
        if isinstance(node, ast.Name):
            return [self.part(node, node.id)]
        if is_row(node):
            return [layer for item in node.args for layer in self.layers(item)]
        if isinstance(node, ast.Call):
            return [self.layer(node)]
        raise self.source.complaint(node, no_layer(node))

    def part(self, node: ast.expr, name: str) -> Layer:
        if name in self.parts:
            return self.parts[name]
        if name in self.parameters:
            raise self.source.complaint(node, f"is a number; write layers like {EXAMPLE}")
        near = did_you_mean(name, self.parts)
        known = shorten(f"Parts: {', '.join(self.parts)}.", 200) if self.parts else "None is defined."
        raise self.source.complaint(
            node, f"names no part.{near} {known} A layer is written with brackets, such as ReLU()"
        )

    def layer(self, call: ast.Call) -> Layer:
        name, own = self.name(call)
        if not own and name in self.parts:
            if call.args or call.keywords:
                raise self.source.complaint(call, f"gives arguments to a part; write {name}")
            return self.parts[name]
        refuse_odd_arguments(self.source, call)
        if not own and name in COMBINATORS:
            return combinator_of(call, name, self)
        refuse_other_names(self.source, call, own, self.parts)
        return Layer(
            name,
            tuple(self.argument(arg, name) for arg in call.args),
            tuple((str(keyword.arg), self.argument(keyword.value, name)) for keyword in call.keywords),
            own,
            where=self.source.where(call),
            spots=tuple(self.source.where(node) for node in (*call.args, *call.keywords)),
        )

    def name(self, call: ast.Call) -> tuple[str, bool]:
        """Return the name that is called, and whether it has the prefix ``nn.``."""
        name, own = called(call)
        if not name:
            raise self.source.complaint(call, "is not a layer's name; write Conv2d(...) or nn.Conv2d(...)")
        return name, own

    def argument(self, node: ast.expr, name: str) -> Any:
        inner = next((part for part in ast.walk(node) if isinstance(part, ast.Call)), None)
        if inner is None and not (isinstance(node, ast.Name) and node.id in self.parts):
            return literal(node, self.source, self.parameters)
        if inner is not None and isinstance(inner.func, ast.Name) and inner.func.id[:1].islower():
            raise self.source.complaint(node, "is a call; nothing is run here: write its value")
        near = did_you_mean(name, COMBINATORS) or f" Layers that run others: {', '.join(COMBINATORS)}."
        raise self.source.complaint(node, f"is inside another layer; list them one after the other.{near}")


def runs(layer: Layer) -> bool:
    """Whether anything is run: a part, or a path of several layers, may be empty."""
    return layer.name != "Branch" or layer.own or any(map(runs, layer.paths[0]))
