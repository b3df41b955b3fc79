"""The layer language: torch.nn's own names, read with ``ast`` and never executed.

A text becomes a tuple of ``Layer``; ``write`` turns that back into the same text. Which names exist
and what they mean is not decided here, so the language stays small and free of torch.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

from nnarch_nb.errors import NNArchError, shorten

LONGEST = 100_000
EXAMPLE = "Conv2d(32, 3), ReLU(), Flatten(), Linear(10)"


@dataclass(frozen=True)
class Layer:
    """One layer as written.

    Attributes
    ----------
    name
        A class of torch.nn or of this package.
    args, kwargs
        Literal arguments. Without the prefix ``nn.`` the input size is left out of them.
    own
        Written with the prefix ``nn.``: the arguments are torch's own, the input size included.
    where
        Line and column, from 1; not part of what the layer is.
    """

    name: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    own: bool = False
    where: tuple[int, int] = field(default=(1, 1), compare=False)

    def __str__(self) -> str:
        values = [repr(value) for value in self.args] + [f"{key}={value!r}" for key, value in self.kwargs]
        return f"{'nn.' if self.own else ''}{self.name}({', '.join(values)})"

    @property
    def place(self) -> str:
        return f"line {self.where[0]}, column {self.where[1]}"


def read(text: str) -> tuple[Layer, ...]:
    r"""Return the layers of a text: calls parted by commas or lines.

    Raises
    ------
    NNArchError
        Something else than a list of layers with literal arguments, with line and column.

    Examples
    --------
    >>> [str(layer) for layer in read("Conv2d(32, 3), ReLU()\nFlatten()")]
    ['Conv2d(32, 3)', 'ReLU()', 'Flatten()']
    """
    if len(text) > LONGEST:
        raise NNArchError(f"the specification has {len(text):,} characters; at most {LONGEST:,} are read")
    layers = tuple(layer for statement in statements_of(text) for layer in layers_of(statement))
    if not layers:
        raise NNArchError(f"the specification is empty; write layers like {EXAMPLE}")
    return layers


def write(layers: tuple[Layer, ...]) -> str:
    """Return the text of the layers, one a line; ``read`` gives the same layers back."""
    return "\n".join(map(str, layers))


def statements_of(text: str) -> list[ast.stmt]:
    """Return one expression per line; how lines are indented does not matter."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # such as an odd escape: it is a text all the same
            try:
                return ast.parse(dedent(text).strip("\n")).body
            except IndentationError:
                return ast.parse("\n".join(line.strip() for line in text.splitlines())).body
    except SyntaxError as error:
        place = f"line {error.lineno or 1}, column {error.offset or 1}"
        raise NNArchError(f"{place}: {error.msg}; write layers like {EXAMPLE}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        reason = str(error) or "nested too deeply"
        raise NNArchError(
            f"the specification cannot be read ({reason}); write layers like {EXAMPLE}"
        ) from None


def layers_of(node: ast.AST) -> list[Layer]:
    if isinstance(node, ast.Expr):
        return layers_of(node.value)
    if isinstance(node, (ast.Tuple, ast.List)):
        return [layer for item in node.elts for layer in layers_of(item)]
    if isinstance(node, ast.Call):
        return [layer_of(node)]
    raise complaint(node, f"is not a layer; write layers like {EXAMPLE}")


def layer_of(call: ast.Call) -> Layer:
    function = call.func
    own = (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "nn"
    )
    if isinstance(function, ast.Attribute) and own:
        name = function.attr
    elif isinstance(function, ast.Name):
        name = function.id
    else:
        raise complaint(call, "is not a layer's name; write Conv2d(...) or nn.Conv2d(...)")
    if any(keyword.arg is None for keyword in call.keywords):
        raise complaint(call, "has a ** argument; write each argument out")
    return Layer(
        name,
        tuple(literal(arg) for arg in call.args),
        tuple((str(keyword.arg), literal(keyword.value)) for keyword in call.keywords),
        own,
        where(call),
    )


def literal(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
        repr(value)  # Python writes out no whole number of more than some thousand digits
        return value
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        if any(isinstance(part, ast.Call) for part in ast.walk(node)):
            raise complaint(node, "is inside another layer; list the layers without Sequential( )") from None
        raise complaint(
            node, "is not a literal; arguments are numbers, strings, True, False, None or tuples"
        ) from None


def where(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1


def complaint(node: ast.AST, problem: str) -> NNArchError:
    line, column = where(node)
    try:
        written = shorten(ast.unparse(node), 60)
    except (RecursionError, ValueError):
        written = "this"
    return NNArchError(f"line {line}, column {column}: {written} {problem}")
