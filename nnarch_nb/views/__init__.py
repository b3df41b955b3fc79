"""How a result looks: one bundle of html, picture and text, from one module per result.

A view module has ``html(result)`` and ``text(result)``, and ``picture(result)`` (PNG bytes) where the
result has one; ``EXPORTS`` maps more suffixes to functions, and ``beside(result)`` shows what a notebook
has beside the static result. ``drawings(result)`` returns what html and picture share, since drawing is
slow: a bundle hands it to both. ``VIEWS`` names the module by the result's class.
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

from nnarch_nb.core.result import Result
from nnarch_nb.errors import NNArchError
from nnarch_nb.views.readable import readable

VIEWS = {
    "Advice": "advise",
    "Check": "check",
    "Comparison": "compare",
    "Data": "data",
    "Draft": "draft",
    "Explanation": "explanation",
    "Generated": "generated",
    "Graph": "graph",
    "Help": "help",
    "Loaded": "loaded",
    "Robustness": "robustness",
    "Run": "run",
    "Sequence": "network",
    "Summary": "summary",
}


def view_of(result: Result) -> ModuleType:
    return import_module(f"{__name__}.{VIEWS[type(result).__name__]}")


def bundle(result: Result) -> dict[str, Any]:
    """Return the result in every form a notebook may pick from."""
    view = view_of(result)
    if hasattr(view, "beside"):
        view.beside(result)
    shared = (view.drawings(result),) if hasattr(view, "drawings") else ()
    forms = {"text/plain": readable(view.text(result)), "text/html": view.html(result, *shared)}
    if hasattr(view, "picture"):
        forms["image/png"] = b64encode(view.picture(result, *shared)).decode()
    return forms


def with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"


def export(result: Result, suffix: str) -> str | bytes:
    """Return the content of a file of that suffix.

    Raises
    ------
    NNArchError
        The result has no such form.
    """
    from nnarch_nb.views.page import page

    view = view_of(result)
    forms = {".html": lambda: page(view.html(result), title=repr(result)), ".txt": lambda: view.text(result)}
    if hasattr(view, "picture"):
        forms[".png"] = lambda: view.picture(result)
    for more, write in getattr(view, "EXPORTS", {}).items():
        forms[more] = partial(write, result)
    if suffix not in forms:
        known, asked = ", ".join(forms), suffix or "no suffix"
        raise NNArchError(f"{with_article(type(result).__name__)} saves as {known}, not as {asked!r}")
    content = forms[suffix]()
    return readable(content) if isinstance(content, str) else content
