"""The builder: a draft's layers as a list to edit, with what each makes, what is wrong, and the graph.

The static result of the draft stays in the cell's output, and nothing of it rests on the widget: the builder
takes its place in the page for as long as it lives, so a notebook opened later shows the draft as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnarch_nb.views.live import offering

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.draft import Draft
    from nnarch_nb.views.live.builder.widget import Builder


def offer(draft: Draft) -> None:
    """Show the builder once the cell under way has ended, where there is a page to show it in."""

    def builder(shell: Any) -> Builder:
        from nnarch_nb.views.live.builder.widget import Builder

        return Builder(draft, shell.user_ns)

    offering.offer(builder)
