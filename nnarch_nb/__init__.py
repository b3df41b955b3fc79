"""Build, look at, train, explain and attack neural networks, one line each.

``VERBS`` is the one list of verbs. Python reaches them as ``nnarch_nb.summary(...)``, a notebook as
``%nnarch summary ...`` after ``%load_ext nnarch_nb``; both are derived from the same function.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nnarch_nb.verbs.advise import advise as advise
    from nnarch_nb.verbs.attack import attack as attack
    from nnarch_nb.verbs.build import build as build
    from nnarch_nb.verbs.build.python import to_python as to_python
    from nnarch_nb.verbs.check import check as check
    from nnarch_nb.verbs.compare import compare as compare
    from nnarch_nb.verbs.data import data as data
    from nnarch_nb.verbs.explain import explain as explain
    from nnarch_nb.verbs.generate import generate as generate
    from nnarch_nb.verbs.graph import graph as graph
    from nnarch_nb.verbs.load import load as load
    from nnarch_nb.verbs.load import load_pretrained as load_pretrained
    from nnarch_nb.verbs.summary import summary as summary
    from nnarch_nb.verbs.train import train as train

__version__ = "0.1.0"

# In the order of the loop. The value says where the function lives; nothing is imported before use. On a line
# a dash stands for the underscore.
VERBS = {
    "data": "nnarch_nb.verbs.data:data",
    "advise": "nnarch_nb.verbs.advise:advise",
    "check": "nnarch_nb.verbs.check:check",
    "build": "nnarch_nb.verbs.build:build",
    "load": "nnarch_nb.verbs.load:load",
    "load_pretrained": "nnarch_nb.verbs.load:load_pretrained",
    "summary": "nnarch_nb.verbs.summary:summary",
    "graph": "nnarch_nb.verbs.graph:graph",
    "compare": "nnarch_nb.verbs.compare:compare",
    "train": "nnarch_nb.verbs.train:train",
    "generate": "nnarch_nb.verbs.generate:generate",
    "explain": "nnarch_nb.verbs.explain:explain",
    "attack": "nnarch_nb.verbs.attack:attack",
}
_OTHERS = {
    "NNArchError": "nnarch_nb.errors:NNArchError",
    "to_python": "nnarch_nb.verbs.build.python:to_python",
}

__all__ = ["VERBS", *_OTHERS, *VERBS]


def __getattr__(name: str) -> Any:
    """Import a verb when it is first asked for (PEP 562)."""
    place = VERBS.get(name) or _OTHERS.get(name)
    if place is None:
        raise AttributeError(f"module 'nnarch_nb' has no attribute {name!r}")
    if name in VERBS:
        _show_progress()
    module, attribute = place.split(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


@cache
def _show_progress() -> None:
    """Give long work called from a script a line on the terminal, and code too; a notebook goes before it."""
    from nnarch_nb.core import code, events
    from nnarch_nb.views import live

    events.listen(live.line_for, fallback=True)
    code.listen(print, fallback=True)


def __dir__() -> list[str]:
    return sorted({*globals(), *VERBS, *_OTHERS})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add ``%nnarch`` to IPython; called by ``%load_ext nnarch_nb``."""
    from nnarch_nb import magics

    magics.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Leave IPython as it was before ``load_ipython_extension``."""
    from nnarch_nb import magics

    magics.unload(shell)
