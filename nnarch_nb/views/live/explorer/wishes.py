"""From a click to a graph drawn anew: which parts are open and which are one box, said in paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.graph.sidework import WORDS
from nnarch_nb.views.live.explorer.alike import copies, drawn_by, period_of, twins
from nnarch_nb.views.readable import readable

if TYPE_CHECKING:
    from nnarch_nb.core.trace import Row
    from nnarch_nb.verbs.graph import Graph, Group, Node


def opened(graph: Graph, path: str) -> Graph:
    """Show what is inside the box of this module, and of the same one in each copy."""
    alike = drawn_by(graph, path)
    fold = tuple(asked for asked in graph.fold if asked not in alike)
    if fold != graph.fold:
        return graph.redrawn(expand=graph.expand, fold=fold)
    return graph.redrawn(expand=tuple(dict.fromkeys((*graph.expand, *twins(graph, path)))), fold=fold)


def folded(graph: Graph, path: str) -> Graph:
    """Draw the module as one box; all copies of it, where it is drawn for several."""
    alike = drawn_by(graph, path)
    inside = tuple(asked for asked in graph.expand if not any(within(asked, each) for each in alike))
    return graph.redrawn(expand=inside, fold=tuple(dict.fromkeys((*graph.fold, *alike))))


def unfolded(graph: Graph, path: str) -> Graph:
    """Draw every copy of what repeats from this module on."""
    period = period_of(graph, path)
    members = [path, *(member for member in copies(graph) if graph_parent(member) == graph_parent(path))]
    alike = tuple(dict.fromkeys(members)) if period > 1 else drawn_by(graph, path)
    return graph.redrawn(expand=tuple(dict.fromkeys((*graph.expand, *alike))), fold=graph.fold)


def refolded(graph: Graph, path: str) -> Graph:
    """Draw the copies once again that were drawn one by one."""
    parent = graph_parent(path)
    kept = tuple(asked for asked in graph.expand if graph_parent(asked) != parent)
    return graph.redrawn(expand=kept, fold=graph.fold)


def stepwise(graph: Graph, word: str) -> Graph:
    """Draw the steps of such side work, as ``rotary``, instead of one box."""
    return graph.redrawn(expand=tuple(dict.fromkeys((*graph.expand, word))), fold=graph.fold)


ACTS = {"open": opened, "fold": folded, "all": unfolded, "once": refolded, "steps": stepwise}


def act(graph: Graph, name: str, path: str) -> Graph:
    """Return the graph after what was asked of the module.

    Raises
    ------
    NNArchError
        There is no such act or module, or the picture cannot be laid out.
    """
    do = pick(name, ACTS, "act")
    asked = path if path in WORDS else named(graph, path)
    return do(graph, asked)


def named(graph: Graph, shown: str) -> str:
    """Return the path of the module that the page knows by this one."""
    found = next((row.path for row in graph.trace.rows if readable(row.path) == shown), None)
    if found is None:
        raise NNArchError("there is no such module in this network")
    return found


def acts_of(graph: Graph, part: Node | Group, rows: dict[str, Row]) -> list[str]:
    """Return what can be done with a box or frame; the first is what a click does."""
    kind = getattr(part, "kind", "frame")
    repeated = getattr(part, "copies", 1) > 1 or (kind == "frame" and part.count > 1)
    single = kind == "frame" and (not repeated or period_of(graph, part.path) == 1)
    apart = part.path in rows and part.path in graph.expand and alike_beside(graph, part.path, rows)
    possible = {
        "open": kind == "group",
        "fold": single and bool(part.path) and not rows[part.path].leaf,
        "all": repeated,
        "once": kind in ("frame", "layer") and apart,
        "steps": is_side_work(part),
    }
    return [name for name, is_so in possible.items() if is_so]


def is_side_work(part: Node | Group) -> bool:
    """Whether one box stands for steps that prepare masks, positions or rotary angles."""
    return getattr(part, "kind", "") == "function" and part.type == part.label and part.type in WORDS


def alike_beside(graph: Graph, path: str, rows: dict[str, Row]) -> bool:
    """Whether a neighbour made alike was asked to be drawn of its own too."""
    mark, parent = rows[path].fingerprint, graph_parent(path)
    others = (rows[asked] for asked in graph.expand if asked in rows and asked != path)
    return any(other.fingerprint == mark and other.parent == parent for other in others)


def graph_parent(path: str) -> str:
    return path.rpartition(".")[0]


def within(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}.")
