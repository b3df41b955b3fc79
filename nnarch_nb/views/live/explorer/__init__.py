"""The graph explorer: the static picture of a network, to move about in, to search, to open and fold.

The static result stays in the cell's output, and nothing of it rests on the widget: the explorer is
shown beside it, and takes its place in the page for as long as it lives. So a notebook that is opened
later, without a kernel, shows the picture and no dead widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnarch_nb.views.live import offering

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph
    from nnarch_nb.views.live.explorer.widget import Explorer


def offer(graph: Graph) -> None:
    """Show the explorer once the cell under way has ended, where there is a page to show it in."""

    def explorer(shell: Any) -> Explorer:
        from nnarch_nb.views.live.explorer.widget import Explorer

        return Explorer(graph)

    offering.offer(explorer)
