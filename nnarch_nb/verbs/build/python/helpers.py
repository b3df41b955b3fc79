"""The parts of this package that written code needs, as source: it runs where nothing but torch is.

A helper is taken as it stands, with what it uses, less what only ``Chain`` asks for; a docstring keeps its
first line.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable
from textwrap import dedent
from typing import Any

from nnarch_nb.verbs.build.modules import OWN_LAYERS

FOR_CHAIN = {"takes_mask", "next_mask"}
IMPORTS = {  # in the order of a formatter; each is written where its name is used
    "OrderedDict": "from collections import OrderedDict",
    "math": "import math",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "from torch.nn import functional as F",
    "pack_padded_sequence": "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence",
}
STANDARD = ("OrderedDict", "math")


def sources(wanted: Iterable[Callable[..., Any]]) -> list[str]:
    """Return the source of each helper and of those it uses, what is used first."""
    found: dict[str, str] = {}
    for helper in wanted:
        collect(helper, found)
    return list(found.values())


def collect(helper: Callable[..., Any], found: dict[str, str]) -> None:
    if helper.__name__ in found:
        return
    source = shortened(dedent(inspect.getsource(helper)))
    for name in sorted(names_in(source)):
        other = vars(inspect.getmodule(helper)).get(name)
        if name in OWN_LAYERS and other is not helper:
            collect(OWN_LAYERS[name], found)
    found[helper.__name__] = source


def names_in(source: str) -> set[str]:
    """Return the names that code uses, attributes aside."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def shortened(source: str) -> str:
    """Return the source without what only ``Chain`` asks for, each docstring cut to its first line."""
    lines = source.splitlines()
    cut: dict[int, tuple[int, list[str]]] = {}  # first line → last line, and what stands there instead
    for node in ast.walk(ast.parse(source)):
        if is_for_chain(node):
            cut[node.lineno] = (end_of(node, lines), [])  # type: ignore[attr-defined]
        elif (said := docstring_of(node)) is not None:
            first = str(said.value).splitlines()[0].replace("``", "`")
            indent = " " * said.col_offset
            cut[said.lineno] = (said.end_lineno or said.lineno, [f'{indent}"""{first}"""'])
    kept, number = [], 1
    while number <= len(lines):
        last, instead = cut.get(number, (number, [lines[number - 1]]))
        kept += instead
        number = last + 1
    return "\n".join(kept).rstrip()


def is_for_chain(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name in FOR_CHAIN
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id in FOR_CHAIN for target in targets)


def end_of(node: Any, lines: list[str]) -> int:
    """Return the node's last line, the empty ones after it included."""
    last = int(node.end_lineno)
    while last < len(lines) and not lines[last].strip():
        last += 1
    return last


def docstring_of(node: ast.AST) -> Any:
    """Return the constant that is a docstring."""
    if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or ast.get_docstring(node) is None:
        return None
    said = node.body[0]
    return said.value if isinstance(said, ast.Expr) else None


def imports(code: str) -> str:
    """Return the import statements of the names that code uses."""
    used = names_in(code)
    standard = [line for name, line in IMPORTS.items() if name in used and name in STANDARD]
    others = [line for name, line in IMPORTS.items() if name in used and name not in STANDARD]
    return "\n\n".join("\n".join(sorted(lines, key=by_module)) for lines in (standard, others) if lines)


def by_module(line: str) -> tuple[bool, str]:
    """Return what isort sorts by: plain imports first."""
    return line.startswith("from"), line
