"""Expressions as a formatter lays them out, so that generated code looks like written code.

The rules are those of ruff and black: one line where it fits, else the arguments on a line of their own,
else one argument a line with a comma after each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

WIDTH = 110  # as this package's own source, parts of which stand in what is written
INDENT = 4


@dataclass(frozen=True)
class Called:
    """A call to be written: ``name(*args)``, each argument with its keyword or None."""

    name: str
    args: tuple[tuple[str | None, Expression], ...] = ()
    brackets: str = "()"

    def __str__(self) -> str:
        inner = ", ".join(keyed(key, str(value)) for key, value in self.args)
        return f"{self.name}{self.brackets[0]}{inner}{self.brackets[1]}"


Expression = str | Called


def keyed(key: str | None, value: str) -> str:
    return value if key is None else f"{key}={value}"


def laid_out(expression: Expression, indent: int, used: int, after: int = 0) -> str:
    """Return the expression broken into lines where it is too long.

    Parameters
    ----------
    expression
        To be written.
    indent
        Of the statement that it stands in.
    used, after
        Characters before it on its line, the indent included, and those that follow.

    Examples
    --------
    >>> print(laid_out(Called("f", ((None, "a" * 60), ("b", "c" * 60))), 0, 0))  # doctest: +ELLIPSIS
    f(
        aaa...aaa,
        b=ccc...ccc,
    )
    """
    flat = str(expression)
    if isinstance(expression, str) or used + len(flat) + after <= WIDTH or not expression.args:
        return flat
    inner = indent + INDENT
    opening, closing = expression.brackets[0], expression.brackets[1]
    together = ", ".join(keyed(key, str(value)) for key, value in expression.args)
    if inner + len(together) <= WIDTH:
        lines = " " * inner + together
    else:
        comma = "" if len(expression.args) == 1 and isinstance(expression.args[0][1], Called) else ","
        lines = "\n".join(argument(key, value, inner) + comma for key, value in expression.args)
    return f"{expression.name}{opening}\n{lines}\n{' ' * indent}{closing}"


def argument(key: str | None, value: Expression, indent: int) -> str:
    head = " " * indent + ("" if key is None else f"{key}=")
    return f"{head}{laid_out(value, indent, len(head), 1)}"


def statement(left: str, right: Expression, indent: int) -> str:
    """Return ``left right`` as a statement, such as ``self.fc = `` and a call."""
    head = " " * indent + left
    return head + laid_out(right, indent, len(head))


def literal(value: Any) -> str:
    r"""Return a value as a formatter writes it; nothing that a spec says can leave its quotes.

    Examples
    --------
    >>> print(literal("it's"), literal("same"), literal((3, 1.0)), literal(float("inf")), literal((1,)))
    "it's" "same" (3, 1.0) float("inf") (1,)
    """
    if isinstance(value, str):
        written = repr(value)
        return written if '"' in value or written[0] == '"' else f'"{written[1:-1]}"'
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(literal, value))
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)
