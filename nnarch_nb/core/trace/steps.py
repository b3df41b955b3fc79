"""The steps of a dataflow and the tensors between them, as plain numbers and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]


class Window(NamedTuple):
    """What a convolution or pooling sees of its input at each position, by spatial dimension.

    ``transposed`` for one that spreads each input over a window of its output. An interpolation is a window
    whose sizes may be fractions; ``uneven`` if positions differ in what they see, and it covers them all.
    """

    size: tuple[Any, ...]
    stride: tuple[Any, ...]
    padding: tuple[Any, ...] = ()
    dilation: tuple[int, ...] = ()
    transposed: bool = False
    uneven: bool = False


class Mixing(NamedTuple):
    """How a kernel mixes positions.

    ``window``; ``order`` where axes change places; ``view`` where the same numbers take another shape;
    ``linear`` for a product along the last axis; ``slice`` for a part of one axis, as a window along that in
    ``order``; ``along`` where all positions along those in ``order`` may meet; ``all`` where any position may
    reach any other.
    """

    kind: Literal["window", "order", "view", "linear", "slice", "along", "all"]
    window: Window | None = None
    order: tuple[int, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One step of the dataflow.

    Attributes
    ----------
    id
        Its number in the order of execution.
    kind
        ``input``, ``module`` (a leaf layer), ``function`` (such as ``relu`` or ``add``) or ``output``.
    name
        Class name of the layer, name of the function, or name of the argument.
    path
        The layer's path; for a function the path of the module it is written in.
    shapes
        Of what it returns.
    macs
        Multiply-accumulates of this one step.
    repeats
        The modules it ran in that had run before, with how often: tells two calls of one module apart.
    mixings
        How its kernels mix positions, in order; empty for what works on each position alone.
    helper
        For a function, those of the author's that it was called in below ``forward``: ``rope/rotate``.
    bytes
        Memory of what it returns.
    arguments, index
        What it was given that is no tensor, as text; where it takes a part of a tensor, the numbers that say
        which, apart from it.
    constants
        Of its tensors those that no step made, weights aside: the place of each, and a text that is equal
        for those made alike.
    """

    id: int
    kind: Literal["input", "module", "function", "output"]
    name: str
    path: str
    shapes: Shapes
    macs: int = 0
    repeats: tuple[tuple[str, int], ...] = ()
    helper: str = ""
    bytes: int = 0
    mixings: tuple[Mixing, ...] = ()
    arguments: str = ""
    index: tuple[int, ...] = ()
    constants: tuple[tuple[int, str], ...] = ()


class Edge(NamedTuple):
    """A tensor on its way; a tensor used twice by one operation makes two edges.

    ``place`` counts the tensors that the target was given, in order.
    """

    source: int
    target: int
    shape: Shape
    place: int = 0
