"""From a traced run and a wish to a ``Graph``; the network itself is needed no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, get_args

from nnarch_nb.core.options import require_whole
from nnarch_nb.core.trace import Trace
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.graph.drawing import draw
from nnarch_nb.verbs.graph.parts import Direction, Format, Heat
from nnarch_nb.verbs.graph.result import Graph
from nnarch_nb.verbs.graph.wish import Wish, patterns


def wished(depth: Any, direction: Any, fold: Any, expand: Any, heat: Any, format: Any = "html") -> Wish:
    """Return what was asked, each option checked.

    Raises
    ------
    NNArchError
        One of them makes no sense.
    """
    if depth is not None:
        depth = require_whole("depth", depth, 1)
    require_one("direction", direction, get_args(Direction))
    require_one("format", format, get_args(Format))
    if heat is not None:
        require_one("heat", heat, get_args(Heat))
    return Wish(depth, direction, patterns("fold", fold), patterns("expand", expand), heat)


def require_one(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise NNArchError(f"{name} is {shorten(repr(value))} but must be one of {', '.join(known)}")


def timed(network: Any, call: Any, run: Trace) -> dict[int, float] | None:
    """Return how long each operation took on real runs; None where the run failed."""
    from nnarch_nb.core.trace.timing import seconds_by_operation

    return None if run.failure else seconds_by_operation(network, call)


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
    if wish.heat == "time" and graph.seconds is None:
        raise NNArchError('nothing was timed: ask graph(model, inputs, heat="time"), which runs the network')
    drawing, layout = draw(run, wish, graph.per_sample, graph.seconds)
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
