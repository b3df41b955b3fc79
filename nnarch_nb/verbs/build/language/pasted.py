"""What a program says of a network, read as the layers that it lists: ``nn.Sequential`` and imports."""

from __future__ import annotations

import ast
from typing import TypeGuard


def imports_torch(statement: ast.stmt) -> bool:
    """Whether a line imports torch, as what is pasted from a program does; it asks for nothing here."""
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").partition(".")[0] == "torch"
    return isinstance(statement, ast.Import) and all(
        alias.name.partition(".")[0] == "torch" for alias in statement.names
    )


def called(call: ast.Call) -> tuple[str, bool]:
    """Return the name that is called, and whether it has the prefix ``nn.``; no name for ``a.b()``."""
    match call.func:
        case ast.Name(id=name):
            return name, False
        case ast.Attribute(value=ast.Name(id="nn"), attr=name):
            return name, True
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="torch"), attr="nn"), attr=name):
            return name, True
    return "", False


def is_row(node: ast.expr) -> TypeGuard[ast.Call]:
    """Whether it is torch's way to list layers, ``nn.Sequential(a, b)``, which is the list itself here."""
    return isinstance(node, ast.Call) and not node.keywords and called(node)[0] == "Sequential"
