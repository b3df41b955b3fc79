"""Arguments: numbers, strings, True, False, None, tuples of them, and arithmetic that cannot run away.

``9**9**9`` has 370 million digits: an operation is refused by the size of its answer before it is done.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from nnarch_nb.errors import did_you_mean
from nnarch_nb.verbs.build.language.source import Source

LARGEST = 10**18  # of a number, which a tensor's 64-bit sizes can still hold
KINDS = "numbers, strings, True, False, None or tuples of them"
Number = int | float


def power(base: Number, exponent: Number) -> Any:
    if abs(base) > 1 and abs(exponent) * math.log2(abs(base)) > 64:
        raise OverflowError
    return base**exponent


OPERATIONS: dict[type[ast.operator], Callable[[Number, Number], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Pow: power,
}
# What looks like Python and is none of the language's business: kind of node, what to do.
NOT_SPOKEN: dict[type[ast.AST], str] = {
    ast.JoinedStr: "is an f-string; write the text itself",
    ast.Lambda: "is a function; arguments are " + KINDS,
    ast.ListComp: "is a loop; write Repeat(3, ...) for copies of layers",
    ast.GeneratorExp: "is a loop; write Repeat(3, ...) for copies of layers",
    ast.SetComp: "is a loop; arguments are " + KINDS,
    ast.DictComp: "is a loop; arguments are " + KINDS,
    ast.NamedExpr: "defines a name in passing; define it on a line of its own: width = 64",
    ast.Starred: "unpacks a list; write each layer or argument out",
    ast.Compare: "compares; an argument by name is written with one =, such as bias=False",
    ast.IfExp: "is a condition; write the one that is meant",
    ast.BoolOp: "is a condition; write the one that is meant",
    ast.Attribute: "is an attribute; nothing is looked up or run: write its value",
    ast.Subscript: "takes an item; nothing is looked up or run: write its value",
    ast.Dict: "is a dictionary; arguments are " + KINDS,
    ast.Set: "is a set; arguments are " + KINDS,
    ast.Await: "is Python; nothing is run: write its value",
    ast.Yield: "is Python; nothing is run: write its value",
    ast.YieldFrom: "is Python; nothing is run: write its value",
}
OTHER_OPERATIONS: dict[type[ast.AST], str] = {
    ast.Div: "may leave a fraction; write // for a whole number, or the number itself",
    ast.Mod: "is no arithmetic of this language; write the number itself",
}


def literal(node: ast.expr, source: Source, names: Mapping[str, Any]) -> Any:
    """Return the value of an argument.

    Parameters
    ----------
    node
        Of Python's tree.
    source
        The text, for what is told of mistakes.
    names
        The parameters defined above (``width = 64``).

    Raises
    ------
    NNArchError
        It is no literal, or a number too large.
    """
    match node:
        case ast.Constant():
            return constant(node, source)
        case ast.Tuple() | ast.List():
            return tuple(literal(item, source, names) for item in node.elts)
        case ast.Name():
            return parameter(node, source, names)
        case ast.UnaryOp(op=ast.USub()):
            return -number(node.operand, source, names)
        case ast.UnaryOp(op=ast.UAdd()):
            return number(node.operand, source, names)
        case ast.BinOp():
            return calculated(node, source, names)
    raise source.complaint(node, NOT_SPOKEN.get(type(node), f"is not a literal; arguments are {KINDS}"))


def constant(node: ast.Constant, source: Source) -> Any:
    value = node.value
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, str):
        return whole_text(value, node, source)
    if isinstance(value, (int, float)):
        return bounded(value, node, source)
    raise source.complaint(node, f"is not a literal; arguments are {KINDS}")


def whole_text(value: str, node: ast.expr, source: Source) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise source.complaint(node, "holds half a character, which no page can show; remove it") from None
    return value


def bounded(value: Any, node: ast.expr, source: Source) -> Any:
    if isinstance(value, (int, float)) and abs(value) <= LARGEST:
        return value
    raise source.complaint(node, f"is too large or no number; numbers go up to {LARGEST:.0e}")


def parameter(node: ast.Name, source: Source, names: Mapping[str, Any]) -> Any:
    if node.id in names:
        return names[node.id]
    near = did_you_mean(node.id, [*names, "True", "False", "None"])
    raise source.complaint(node, f"is not defined.{near} Define it above, {node.id} = 64, or write its value")


def number(node: ast.expr, source: Source, names: Mapping[str, Any]) -> Number:
    value = literal(node, source, names)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise source.complaint(node, "is no number to calculate with")
    return value


def calculated(node: ast.BinOp, source: Source, names: Mapping[str, Any]) -> Any:
    kind = type(node.op)
    if kind not in OPERATIONS:
        raise source.complaint(node, OTHER_OPERATIONS.get(kind, "is not calculated; it can be + - * // **"))
    left, right = number(node.left, source, names), number(node.right, source, names)
    try:
        return bounded(OPERATIONS[kind](left, right), node, source)
    except ZeroDivisionError:
        raise source.complaint(node, "divides by 0") from None
    except OverflowError:
        raise source.complaint(node, f"is too large; numbers go up to {LARGEST:.0e}") from None
