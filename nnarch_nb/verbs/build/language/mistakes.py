"""What is written like layers and is none, told with what to write instead."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from nnarch_nb.errors import did_you_mean
from nnarch_nb.verbs.build.language.elsewhere import instead_of
from nnarch_nb.verbs.build.language.literals import NOT_SPOKEN
from nnarch_nb.verbs.build.language.source import EXAMPLE, Source
from nnarch_nb.verbs.build.language.tree import COMBINATORS, Layer

LONGEST_NAME = 80
NO_LAYERS: dict[type[ast.AST], str] = NOT_SPOKEN | {
    ast.AugAssign: "changes a number; a name is defined once, width = 64",
    ast.AnnAssign: "is defined with a type; write width = 64",
    ast.BinOp: "joins layers by a sign; part them by commas, or write Add(a, b) for the sum of two paths",
}


def no_layer(node: ast.AST) -> str:
    """Return what is wrong with a node that stands where a layer should."""
    nothing_run = "nothing is run here: " if isinstance(node, ast.stmt) else ""
    return NO_LAYERS.get(type(node), f"is not a layer; {nothing_run}write layers like {EXAMPLE}")


def refuse_long_names(source: Source, statement: ast.stmt) -> None:
    """Refuse a name that no message could show and that takes long to compare with others."""
    for node in ast.walk(statement):
        names = (getattr(node, key, None) for key in ("id", "attr", "arg"))
        if any(isinstance(name, str) and len(name) > LONGEST_NAME for name in names):
            raise source.complaint(node, f"is a name of more than {LONGEST_NAME} characters")


def refuse_odd_arguments(source: Source, call: ast.Call) -> None:
    """Refuse arguments that are unpacked, or given twice, which Python's parser lets pass."""
    counted = Counter(keyword.arg for keyword in call.keywords)
    if None in counted:
        raise source.complaint(call, "has a ** argument; write each argument out")
    if twice := next((name for name, count in counted.items() if count > 1), None):
        raise source.complaint(call, f"gives {twice} twice; give it once")
    for arg in call.args:
        if isinstance(arg, ast.Starred):
            raise source.complaint(arg, NOT_SPOKEN[ast.Starred])


def refuse_other_names(source: Source, call: ast.Call, own: bool, parts: Mapping[str, Layer]) -> None:
    """Refuse what is nearly a combinator or a part: no layer is called that way."""
    name = getattr(call.func, "attr" if own else "id", "")
    if told := instead_of(name):
        raise source.complaint(call, told)
    if own and name in COMBINATORS:
        raise source.complaint(call, f"is no layer of torch; write {COMBINATORS[name]}")
    spoken = next((known for known in COMBINATORS if known.lower() == name.lower()), None)
    near = f" Did you mean `{spoken}`?" if spoken else ""
    if not own and (near := near or (did_you_mean(name, parts) if name[:1].islower() else "")):
        raise source.complaint(call, f"is neither a layer nor a part.{near}")
