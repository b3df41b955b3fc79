"""Work while it runs: a panel in a notebook, a line in a terminal.

A panel becomes the static result of its task; see ``panel`` for how a result is shown once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nnarch_nb.core import events
from nnarch_nb.views.live.once import ShownOnce

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def connect(shell: InteractiveShell, enabled: Callable[[], bool]) -> Callable[[], None]:
    """Show every task of this session live; return how to end that.

    Parameters
    ----------
    shell
        A kernel's shell gets a panel, a terminal's a line.
    enabled
        Asked when a task starts; False shows nothing while it runs.
    """
    shown = ShownOnce(shell)

    def listener(task: events.Task) -> events.Listener | None:
        if not enabled():
            return None
        return panel_for(task, shown) if in_kernel(shell) else line_for(task)

    unlisten = events.listen(listener)

    def disconnect() -> None:
        unlisten()
        shown.forget()

    return disconnect


def in_kernel(shell: Any) -> bool:
    return getattr(shell, "kernel", None) is not None


def panel_for(task: events.Task, shown: ShownOnce) -> events.Listener:
    from nnarch_nb.views.live.panel import Panel

    return Panel(task, shown)


def line_for(task: events.Task) -> events.Listener | None:
    """Return a line on the terminal, or None where nobody would see it."""
    from nnarch_nb.views.live.terminal import Line

    return Line(task) if sys.stderr is not None and sys.stderr.isatty() else None
