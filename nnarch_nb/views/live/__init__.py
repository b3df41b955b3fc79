"""Work while it runs: a panel in a notebook, a line in a terminal.

A panel becomes the static result of its task; see ``panel`` for how a result is shown once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nnarch_nb.core import events

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
    from nnarch_nb.views.live.once import ShownOnce

    shown = ShownOnce(shell)

    def listener(task: events.Task) -> events.Listener | None:
        if not enabled():
            return None
        return panel(task, shown) if in_kernel(shell) else line(task)

    unlisten = events.listen(listener)

    def disconnect() -> None:
        unlisten()
        shown.forget()

    return disconnect


def in_kernel(shell: Any) -> bool:
    return getattr(shell, "kernel", None) is not None


def panel(task: events.Task, shown: Any) -> events.Listener:
    from nnarch_nb.views.live.panel import Panel

    return Panel(task, shown)


def line(task: events.Task) -> events.Listener | None:
    """Return a line on the terminal, or None where there is none."""
    from nnarch_nb.views.live.terminal import line_for

    return line_for(task)
