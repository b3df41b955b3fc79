"""From a click to a graph drawn anew: which parts are open and which are one box, said in paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.views.live.explorer import told

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph


def opened(graph: Graph, path: str) -> Graph:
    """Show what is inside the box of this module."""
    alike = drawn_by(graph, path)
    fold = tuple(asked for asked in graph.fold if asked not in alike)
    if fold != graph.fold:
        return graph.redrawn(expand=graph.expand, fold=fold)
    return graph.redrawn(expand=(*graph.expand, path), fold=fold)


def folded(graph: Graph, path: str) -> Graph:
    """Draw the module as one box; all copies of it, where it is drawn for several."""
    alike = drawn_by(graph, path)
    inside = tuple(asked for asked in graph.expand if not any(within(asked, each) for each in alike))
    return graph.redrawn(expand=inside, fold=tuple(dict.fromkeys((*graph.fold, *alike))))


def unfolded(graph: Graph, path: str) -> Graph:
    """Draw every copy of what repeats from this module on."""
    return graph.redrawn(expand=tuple(dict.fromkeys((*graph.expand, path))), fold=graph.fold)


ACTS = {"open": opened, "fold": folded, "all": unfolded}


def act(graph: Graph, name: str, path: str) -> Graph:
    """Return the graph after what was asked of the module.

    Raises
    ------
    NNArchError
        There is no such act or module, or the picture cannot be laid out.
    """
    do = pick(name, ACTS, "act")
    if not any(row.path == path for row in graph.trace.rows):
        raise NNArchError("there is no such module in this network")
    return do(graph, path)


def drawn_by(graph: Graph, path: str) -> tuple[str, ...]:
    """Return the module and those that its box or frame is drawn for too."""
    alike = (copy for copy, drawn in told.copies(graph).items() if drawn == path)
    return tuple(dict.fromkeys((path, *alike)))


def within(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}.")
