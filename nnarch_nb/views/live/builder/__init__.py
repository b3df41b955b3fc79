"""The builder: a draft's layers as a list to edit, with what each makes, what is wrong, and the graph.

The static result of the draft stays in the cell's output, and nothing of it rests on the widget: the builder
takes its place in the page for as long as it lives, so a notebook opened later shows the draft as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnarch_nb.views.live.explorer import shell_with_a_page

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.draft import Draft


def offer(draft: Draft) -> None:
    """Show the builder once the cell under way has ended, where there is a page to show it in."""
    shell = shell_with_a_page()
    if shell is None:
        return
    asked = shell.kernel.get_parent("shell")

    def show(*_: Any) -> None:
        from nnarch_nb.views.live.builder.widget import Builder

        shell.events.unregister("post_run_cell", show)
        Builder(draft, shell.user_ns).show(asked["metadata"]["cellId"], asked["header"]["msg_id"])

    # Not yet: the static draft whose place it takes is published first.
    shell.events.register("post_run_cell", show)
