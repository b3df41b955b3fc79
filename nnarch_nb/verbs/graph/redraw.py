"""From a traced run and a wish to a ``Graph``; the network itself is needed no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nnarch_nb.core.options import require_whole
from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.graph.drawing import draw
from nnarch_nb.verbs.graph.parts import Direction, Heat
from nnarch_nb.verbs.graph.result import Graph
from nnarch_nb.verbs.graph.wish import Wish, patterns


def wished(depth: Any, direction: Any, fold: Any, expand: Any, heat: Any) -> Wish:
    """Return what was asked, each option checked.

    Raises
    ------
    NNArchError
        One of them makes no sense.
    """
    if depth is not None:
        depth = require_whole("depth", depth, 1)
    if direction not in ("down", "right"):
        raise NNArchError(f"direction is {direction!r} but must be down or right")
    if heat is not None:
        pick(str(heat), dict.fromkeys(("macs", "params", "memory", "time")), "heat")
    return Wish(depth, direction, patterns("fold", fold), patterns("expand", expand), heat)


def redrawn(
    graph: Graph,
    expand: Iterable[str] | None,
    fold: Iterable[str] | None,
    depth: int | None,
    heat: Heat | None,
    direction: Direction | None,
) -> Graph:
    wish = wished(
        graph.asked_depth if depth is None else depth,
        graph.direction if direction is None else direction,
        graph.fold if fold is None else fold,
        graph.expand if expand is None else expand,
        graph.heat if heat is None else heat,
    )
    return laid_out(graph, wish)


def laid_out(graph: Graph, wish: Wish) -> Graph:
    """Return the graph with everything drawn anew as wished."""
    run = graph.trace
    drawing, layout = draw(run, wish, graph.per_sample)
    return replace(
        graph,
        nodes=drawing.nodes,
        edges=drawing.edges,
        groups=drawing.groups,
        direction=wish.direction,
        depth=drawing.depth,
        notes=(*drawing.notes, *run.notes),
        layout=layout,
        asked_depth=wish.depth,
        fold=wish.fold,
        expand=wish.expand,
        heat=wish.heat,
    )
