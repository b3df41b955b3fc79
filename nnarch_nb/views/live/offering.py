"""When a widget is shown beside a static result: after the cell under way, where there is a page for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnarch_nb.views.live.standing import Standing


def offer(make: Callable[[Any], Standing]) -> None:
    """Show what ``make`` returns for the shell once the cell under way has ended."""
    shell = shell_with_a_page()
    if shell is None:
        return
    asked = shell.kernel.get_parent("shell")

    def show(*_: Any) -> None:
        shell.events.unregister("post_run_cell", show)
        make(shell).show(asked["metadata"]["cellId"], asked["header"]["msg_id"])

    # Not yet: the static result whose place it takes is published first.
    shell.events.register("post_run_cell", show)


def shell_with_a_page() -> Any:
    """Return the shell of a kernel that a notebook page asked, else None.

    A page names the cell it runs. Tools that run notebooks without one do not, and would keep a widget
    in the file that no page can ever show.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    asked = kernel.get_parent("shell")
    return shell if asked.get("metadata", {}).get("cellId") else None
