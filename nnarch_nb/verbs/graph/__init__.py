"""``graph``: the dataflow as a picture, from one traced forward run, laid out by Graphviz."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from nnarch_nb.core.result import Result
from nnarch_nb.core.types import Inputs, Network
from nnarch_nb.errors import NNArchError

if TYPE_CHECKING:
    import pandas as pd

    from nnarch_nb.verbs.graph.layout import Layout

Direction = Literal["down", "right"]
Kind = Literal["input", "layer", "function", "group", "more", "output"]


@dataclass(frozen=True)
class Node:
    """One box of the picture.

    Attributes
    ----------
    id, kind
        Its number, and what it stands for: an ``input``, a ``layer``, a ``function``, a ``group`` of
        layers drawn as one, steps left out (``more``), or the ``output``.
    name, type
        Attribute or argument name, and the class or function; one may be empty.
    path
        Of the layer or group in the network; for a function, of the module it is written in.
    shapes
        Of what leaves it, batch included.
    params, macs
        What it holds and costs.
    label
        What is written in the box.
    group
        Path of the frame it stands in; None outside all.
    """

    id: int
    kind: Kind
    name: str
    type: str
    path: str
    shapes: tuple[tuple[int, ...], ...]
    params: int
    macs: int
    label: str
    group: str | None = None


@dataclass(frozen=True)
class Edge:
    """A tensor on its way from one box to another.

    Attributes
    ----------
    source, target
        Node numbers; a tensor used twice by one step makes two edges.
    shape
        Of the tensor, batch included.
    label
        The shape as written beside the line; empty where it is as before.
    """

    source: int
    target: int
    shape: tuple[int, ...]
    label: str


@dataclass(frozen=True)
class Group:
    """A frame around the boxes of one module; ``parent`` is the frame it lies in, None for the outermost."""

    path: str
    parent: str | None
    label: str


@dataclass(frozen=True, repr=False)
class Graph(Result):
    """A network as a picture.

    Attributes
    ----------
    name, given, output
        The network, what it was called with, and the shape or shapes it returned, batch included.
    nodes, edges, groups
        What is drawn.
    params, macs
        Of the whole network; ``macs`` without those of the kernels in ``uncounted``.
    direction, depth
        Which way it runs, and down to which level modules are opened; None for all.
    notes
        What was left out or drawn as one, and how the input was taken where that may surprise.
    layout
        Where everything stands, in pixels.
    per_sample
        Whether shapes are written without the batch.
    mode, fallback_reason
        ``fake`` if nothing was computed, ``real`` if the network had to run, and why.
    """

    name: str
    given: str
    output: tuple[Any, ...] | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    params: int
    macs: int
    direction: Direction
    depth: int | None
    notes: tuple[str, ...]
    layout: Layout
    per_sample: bool
    mode: str
    fallback_reason: str | None = None
    uncounted: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Graph({self.name}: {len(self.nodes)} nodes, {len(self.edges)} edges, {self.joins} joins)"

    @property
    def joins(self) -> int:
        """At how many nodes two or more tensors meet."""
        arriving = Counter(edge.target for edge in self.edges)
        return sum(arriving[node.id] > 1 for node in self.nodes if node.kind != "output")

    @property
    def dot(self) -> str:
        """The picture in Graphviz's language."""
        from nnarch_nb.verbs.graph.dot import source

        return source(self.nodes, self.edges, self.groups, self.direction)

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        return str(self._exported(".svg"))

    def to_pandas(self) -> pd.DataFrame:
        """Return the nodes as a table."""
        import pandas as pd

        return pd.DataFrame([asdict(node) for node in self.nodes])


def graph(
    model: Network,
    inputs: Inputs,
    kwargs: Inputs | None = None,
    *,
    depth: int | None = None,
    direction: Direction = "down",
) -> Graph:
    """Draw a network's dataflow.

    Parameters
    ----------
    model
        The network; it is left as it was, and its weights are not computed with.
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

    Returns
    -------
    Graph
        Fields ``nodes``, ``edges``, ``dot``, ``svg`` and more; ``save(path)`` writes a file.

    Raises
    ------
    NNArchError
        The forward run fails on these inputs; the message names the layer.

    Notes
    -----
    Laid out by Graphviz's ``dot`` (Gansner, Koutsofios, North and Vo, "A technique for drawing
    directed graphs", IEEE Transactions on Software Engineering 19, 1993).

    Examples
    --------
    >>> import torch
    >>> result = graph(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()), (4,))
    >>> result
    Graph(Sequential: 4 nodes, 3 edges, 0 joins)
    >>> [node.label for node in result.nodes]
    ['input 4', '0: Linear', '1: ReLU', 'output 3']
    """
    from nnarch_nb.core.network import name_of
    from nnarch_nb.core.options import require_whole
    from nnarch_nb.core.trace import complete_trace
    from nnarch_nb.verbs.graph.drawing import draw

    if depth is not None:
        require_whole("depth", depth, 1)
    if direction not in ("down", "right"):
        raise NNArchError(f"direction is {direction!r} but must be down or right")
    network, call, run = complete_trace(model, inputs, kwargs)
    drawing, layout = draw(run, depth, direction, per_sample=call.sample is not None)
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
    )
