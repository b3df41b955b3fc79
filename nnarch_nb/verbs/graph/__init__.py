"""``graph``: the dataflow as a picture, from one traced forward run, laid out by Graphviz."""

from __future__ import annotations

from nnarch_nb.core.types import Inputs, Network
from nnarch_nb.verbs.graph.parts import Direction, Edge, Format, Group, Heat, Node
from nnarch_nb.verbs.graph.result import Graph

__all__ = ["Direction", "Edge", "Format", "Graph", "Group", "Heat", "Node", "graph"]


def graph(
    model: Network,
    inputs: Inputs,
    kwargs: Inputs | None = None,
    *,
    depth: int | None = None,
    direction: Direction = "down",
    fold: list[str] | None = None,
    expand: list[str] | None = None,
    heat: Heat | None = None,
    format: Format = "html",
    explore: bool = False,
) -> Graph:
    """Draw a network's dataflow.

    Parameters
    ----------
    model
        The network; it is left as it was. Its weights are computed with only for ``heat="time"``, and
        where a run without values does not do.
    inputs
        The shape of one sample without the batch dimension, a tensor, a tuple of tensors, a dict of
        keyword arguments, or a ``Data``.
    kwargs
        More keyword arguments.
    depth
        Down to which level modules are opened, at least 1; deeper ones are drawn as one box. All by
        default, or as many as a readable picture holds.
    direction
        ``down`` or ``right``.
    fold
        Modules to draw as one box each: paths, class names or globs such as ``encoder.*``.
    expand
        Modules to draw opened whatever the depth, and each of its own where alike ones follow one another;
        ``*`` for all.
    heat
        Colour the boxes by their share of the ``macs``, the ``params``, the ``memory`` of what the steps
        return, or the ``time`` of real runs.
    format
        How a notebook shows it: ``html``, or only the ``svg`` or ``png``, or the source in ``dot`` or
        ``mermaid``.
    explore
        In a notebook, show the explorer in the picture's place: to move about in, search, open and fold.

    Returns
    -------
    Graph
        Fields ``nodes``, ``edges``, ``dot``, ``svg`` and more; ``save(path)`` writes a file.

    Raises
    ------
    NNArchError
        An option makes no sense, or ``fold`` or ``expand`` names no module.

    Notes
    -----
    A forward run that fails is drawn as far as it came, with the failing layer marked and, in
    ``failure``, the error. Steps in a row that are alike and wired alike are drawn once, with how often.

    Laid out by Graphviz's ``dot`` (Gansner, Koutsofios, North and Vo, "A technique for drawing
    directed graphs", IEEE Transactions on Software Engineering 19, 1993).

    Examples
    --------
    >>> import torch
    >>> result = graph(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()), (4,))
    >>> result
    Graph(Sequential: 4 nodes, 3 edges, 0 joins)
    >>> [node.label for node in result.nodes]
    ['input B×4', '0: Linear', '1: ReLU', 'output B×3']
    """
    from nnarch_nb.core.network import name_of
    from nnarch_nb.core.options import require_bool
    from nnarch_nb.core.trace import first_trace, refuse_channelless, told
    from nnarch_nb.verbs.graph.drawing import draw
    from nnarch_nb.verbs.graph.redraw import timed, wished

    explore = require_bool("explore", explore)
    wish = wished(depth, direction, fold, expand, heat, format)
    network, call, run = first_trace(model, inputs, kwargs)
    if run.failure is None:
        refuse_channelless(network, call, run)
    seconds = timed(network, call, run) if heat == "time" else None
    drawing, layout = draw(run, wish, call.sample is not None, seconds)
    return Graph(
        name=name_of(network),
        given=str(call),
        output=run.output,
        nodes=drawing.nodes,
        edges=drawing.edges,
        groups=drawing.groups,
        params=run.params,
        macs=run.macs,
        direction=direction,
        depth=drawing.depth,
        notes=(*drawing.notes, *run.notes),
        layout=layout,
        per_sample=call.sample is not None,
        mode=run.mode,
        fallback_reason=run.fallback_reason,
        uncounted=run.uncounted,
        asked_depth=wish.depth,
        fold=wish.fold,
        expand=wish.expand,
        heat=heat,
        format=format,
        explored=explore,
        failure=told(name_of(network), run.failure) if run.failure else "",
        trace=run,
        seconds=seconds,
    )
