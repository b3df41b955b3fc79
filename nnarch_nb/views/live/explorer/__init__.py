"""The graph explorer: the static picture of a network, to move about in, to search, to open and fold.

The static result stays in the cell's output, and nothing of it rests on the widget: the explorer is
shown beside it, and takes its place in the page for as long as it lives. So a notebook that is opened
later, without a kernel, shows the picture and no dead widget.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph


def offer(graph: Graph) -> None:
    """Show the explorer once the cell under way has ended, where there is a page to show it in."""
    shell = shell_with_a_page()
    if shell is None:
        return
    asked = shell.kernel.get_parent("shell")

    def show(*_: Any) -> None:
        from nnarch_nb.views.live.explorer.widget import Explorer

        shell.events.unregister("post_run_cell", show)
        Explorer(graph).show(asked["metadata"]["cellId"], asked["header"]["msg_id"])

    # Not yet: the picture whose place it takes is published first.
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
