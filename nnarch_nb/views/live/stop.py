"""A Stop button that works while its cell runs.

A kernel runs one cell at a time, and a click is a message that would wait for its turn. JupyterLab
sends it over a second thread of the kernel, a subshell, which it opens when the first widget appears.
Until there is one the button stays hidden: elsewhere a click would arrive when all is over.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

WORDS = "Stop after this step"


class StopButton:
    """Sets ``stop`` when pressed; hidden where a press would not arrive."""

    def __init__(self, stop: threading.Event, shell: InteractiveShell) -> None:
        import ipywidgets

        self.stop, self.shell, self.offered = stop, shell, False
        self.widget = ipywidgets.Button(description=WORDS, icon="stop", tooltip=WORDS)
        self.widget.layout.width, self.widget.layout.display = "auto", "none"
        # Only the flag: this runs on the subshell's thread.
        self.widget.on_click(lambda _: stop.set())
        keep_on_subshell(self.widget)

    def offer(self) -> None:
        """Show the button as soon as a press would arrive; grey it once pressed."""
        if not self.offered and has_subshell(self.shell):
            self.offered = True
            self.widget.layout.display = None
        if self.stop.is_set():
            self.widget.disabled = True


def has_subshell(shell: Any) -> bool:
    """Return whether the front end has opened a thread beside the one that runs cells."""
    manager = getattr(getattr(shell.kernel, "shell_channel_thread", None), "manager", None)
    return bool(manager is not None and hasattr(manager, "list_subshell") and manager.list_subshell())


def keep_on_subshell(widget: Any) -> None:
    """Let messages to the widget be handled where they arrive.

    ipykernel 7.4 hands them to the main shell, where they wait for the cell to end. There is no public
    way to ask for the other, so this is done only where the hook exists.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda data, default: default
