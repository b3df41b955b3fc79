"""What a text says besides its layers, and what is lost when it is written anew from these alone."""

from __future__ import annotations

import ast
import io
import tokenize


def only_in_text(text: str) -> str:
    r"""Return in words what layers do not hold of a text; empty where they hold all of it.

    Examples
    --------
    >>> only_in_text("width = 64\nConv2d(width, 3)  # wide"), only_in_text("ReLU()")
    ('comments and parameters (width)', '')
    """
    try:
        names = [name for line in ast.parse(text).body for name in numbers_of(line)]
        words = tokenize.generate_tokens(io.StringIO(text).readline)
        found = ["comments"] * any(word.type == tokenize.COMMENT for word in words)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return ""  # it cannot be read, so nothing is written from it
    found += [f"parameters ({', '.join(names)})"] * bool(names)
    return " and ".join(found)


def numbers_of(line: ast.stmt) -> list[str]:
    """Return the names that a line defines as numbers; what is defined as layers is kept."""
    if not isinstance(line, ast.Assign) or isinstance(line.value, (ast.List, ast.Tuple, ast.Call, ast.Name)):
        return []
    return [target.id for target in line.targets if isinstance(target, ast.Name)]
