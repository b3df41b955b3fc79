"""The picture of a network as a result: what is drawn, where it stands, and the run it was drawn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.result import Result
from nnarch_nb.verbs.graph.parts import Direction, Edge, Format, Group, Heat, Node

if TYPE_CHECKING:
    import pandas as pd

    from nnarch_nb.core.trace import Trace
    from nnarch_nb.verbs.graph.layout import Layout


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
        Whether a batch of one was made from the shape of a sample.
    mode, fallback_reason
        ``fake`` if nothing was computed, ``real`` if the network had to run, and why.
    uncounted
        Kernels whose cost cannot be told.
    asked_depth, fold, expand, heat
        What was asked of the picture.
    format
        How it is shown in a notebook.
    failure
        Why the run stopped, in one sentence; empty if it reached its end.
    explored
        Whether a notebook shows the explorer in the picture's place.
    trace
        The run it was drawn from: plain numbers, nothing of the network itself.
    seconds
        How long each traced operation took, where ``heat="time"`` asked for it.
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
    asked_depth: int | None = None
    fold: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    heat: Heat | None = None
    format: Format = "html"
    failure: str = ""
    explored: bool = False
    trace: Trace = field(repr=False, compare=False, kw_only=True)
    seconds: dict[int, float] | None = field(default=None, repr=False, compare=False, kw_only=True)

    def __repr__(self) -> str:
        stopped = ", stopped by an error" if self.failure else ""
        sizes = f"{len(self.nodes)} nodes, {len(self.edges)} edges, {self.joins} joins"
        return f"Graph({self.name}: {sizes}{stopped})"

    @property
    def joins(self) -> int:
        """At how many boxes two or more different tensors meet; one tensor used twice is no join."""
        arriving: dict[int, set[int]] = defaultdict(set)
        for edge in self.edges:
            if edge.kind != "repeat":
                arriving[edge.target].add(edge.tensor)
        return sum(len(arriving[node.id]) > 1 for node in self.nodes if node.kind != "output")

    @property
    def dot(self) -> str:
        """The picture in Graphviz's language."""
        from nnarch_nb.verbs.graph.dot import source

        return source(self.nodes, self.edges, self.groups, self.direction)

    @property
    def mermaid(self) -> str:
        """The picture in Mermaid's language."""
        from nnarch_nb.verbs.graph.mermaid import source

        return source(self.nodes, self.edges, self.groups, self.direction)

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        return str(self._exported(".svg"))

    def redrawn(
        self,
        *,
        expand: Iterable[str] | None = None,
        fold: Iterable[str] | None = None,
        depth: int | None = None,
        heat: Heat | None = None,
        direction: Direction | None = None,
    ) -> Graph:
        """Return the picture drawn anew, without the network: from the run it was drawn from.

        Parameters
        ----------
        expand, fold
            As for ``graph``; they replace what was asked before, an empty list takes it back.
        depth, heat, direction
            As for ``graph``; None keeps what was asked before.

        Raises
        ------
        NNArchError
            A pattern names no module, or ``heat="time"`` is asked where nothing was timed.

        Examples
        --------
        >>> import torch, nnarch_nb
        >>> block = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU())
        >>> result = nnarch_nb.graph(torch.nn.Sequential(block, torch.nn.Linear(4, 2)), (4,))
        >>> [node.label for node in result.redrawn(fold=["0"]).nodes]
        ['input B×4', '0: Sequential', '1: Linear', 'output B×2']
        """
        from nnarch_nb.verbs.graph.redraw import redrawn

        return redrawn(self, expand, fold, depth, heat, direction)

    def explore(self) -> Graph:
        """Return the same graph, shown in a notebook with the explorer in the picture's place.

        Elsewhere it is shown as before. The picture stays in the notebook, for when the kernel is gone.

        Examples
        --------
        >>> import torch, nnarch_nb
        >>> result = nnarch_nb.graph(torch.nn.Linear(4, 2), (4,))
        >>> result.explore().explored, result.explore().nodes == result.nodes
        (True, True)
        """
        return replace(self, explored=True)

    def to_pandas(self) -> pd.DataFrame:
        """Return the nodes as a table."""
        import pandas as pd

        return pd.DataFrame([asdict(node) for node in self.nodes])
