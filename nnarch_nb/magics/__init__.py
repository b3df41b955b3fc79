"""How one asks: ``%nnarch`` for IPython, put in by ``load`` and taken out whole by ``unload``.

Loading is light: the parser, the verbs and torch are imported by the first line that needs them.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nnarch_nb import VERBS
from nnarch_nb.core import code
from nnarch_nb.magics.ask import make_magic
from nnarch_nb.magics.completion import make_matcher
from nnarch_nb.magics.settings import NNArch
from nnarch_nb.magics.verbs import verbs_of
from nnarch_nb.views import theme
from nnarch_nb.views.live import connect

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_loaded: WeakKeyDictionary[InteractiveShell, ExitStack] = WeakKeyDictionary()


def load(shell: InteractiveShell) -> None:
    """Add the magics, their Tab completion and settings, the live panel and the next cell to the shell."""
    unload(shell)
    undo = _loaded[shell] = ExitStack()
    verbs = verbs_of(VERBS)
    # Without the shell as parent: it keeps what %config was told, wrong values too, and would fail here.
    settings = NNArch()
    undo.callback(theme.use, settings.palette)
    configurables: list[Any] = shell.configurables
    configurables.append(settings)
    undo.callback(configurables.remove, settings)
    manager: Any = shell.magics_manager
    manager.register_function(make_magic(shell, verbs, settings), "line_cell", "nnarch")
    for kind in ("line", "cell"):
        undo.callback(manager.magics[kind].pop, "nnarch")
    matcher = make_matcher(shell, verbs)
    shell.Completer.custom_matchers.append(matcher)
    undo.callback(shell.Completer.custom_matchers.remove, matcher)
    undo.callback(connect(shell, lambda: bool(settings.live)))
    undo.callback(code.listen(shell.set_next_input))


def unload(shell: InteractiveShell) -> None:
    """Leave the shell as it was before ``load``; does nothing where nothing was loaded."""
    undo = _loaded.pop(shell, None)
    if undo is not None:
        undo.close()
