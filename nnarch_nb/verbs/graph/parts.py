"""What a picture is made of, apart from where it stands: boxes, lines and frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["down", "right"]
Format = Literal["html", "svg", "png", "dot", "mermaid"]
Heat = Literal["macs", "params", "memory", "time"]
NodeKind = Literal["input", "layer", "function", "group", "more", "output"]
EdgeKind = Literal["flow", "skip", "repeat"]


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
        Of the layer or group in the network, the first one's where several are drawn as one; for a
        function, of the module it is written in.
    shapes
        Of what leaves it, batch included.
    params, macs
        What it holds and costs; for one of its copies where it is drawn for several. What a module holds
        counts at its first call.
    label
        What is written in the box.
    group
        Number of the frame it stands in; None outside all.
    count
        How many steps of the network it is drawn for: those of all copies of what was folded.
    copies
        How many layers alike, one after the other, this one box is drawn for.
    frozen
        It holds parameters, and none of them is trained.
    shared
        Other modules that hold one of its parameters too.
    call, calls
        Which call of a module with parameters it is, and how many boxes there are for its calls.
    heat
        Its share of the whole, from 0 to 1, in what ``heat`` asked for; None where not measured.
    wrong
        What it wants and what it got, where the run failed in it; else empty.
    """

    id: int
    kind: NodeKind
    name: str
    type: str
    path: str
    shapes: tuple[tuple[int, ...], ...]
    params: int
    macs: int
    label: str
    group: int | None = None
    count: int = 1
    copies: int = 1
    frozen: bool = False
    shared: tuple[str, ...] = ()
    call: int = 1
    calls: int = 1
    heat: float | None = None
    wrong: str = ""

    @property
    def shares(self) -> bool:
        """Whether another box holds the same parameters."""
        return bool(self.shared) or self.calls > 1

    @property
    def text(self) -> str:
        """What is written in the box: ``=`` where weights are shared, and its share of the heat."""
        parts = [self.label, "=" if self.shares else "", share_text(self.heat) if self.heat else ""]
        return " ".join(part for part in parts if part)


def share_text(share: float) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> share_text(0.123), share_text(0.004)
    ('12 %', '<1 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 else "<1 %"


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
    kind
        ``flow``; ``skip`` for one that passes by the steps between and is joined with what they gave; or
        ``repeat`` from the end of one copy of a folded part to the beginning of the next.
    tensor
        Number of the traced operation that made it: tells two tensors from two uses of one.
    each
        From how many copies of a folded part such a tensor comes.
    """

    source: int
    target: int
    shape: tuple[int, ...]
    label: str
    kind: EdgeKind = "flow"
    tensor: int = -1
    each: int = 1


@dataclass(frozen=True)
class Group:
    """A frame around the boxes of one module, or of a part that repeats.

    Attributes
    ----------
    id, parent
        Its number, and that of the frame it lies in; None for the outermost.
    path, type
        Of its module, the first of the copies; ``expand=[path]`` draws that one apart from the others.
    label
        What is written on it.
    count
        How many copies alike it is drawn for.
    """

    id: int
    parent: int | None
    path: str
    type: str
    label: str
    count: int = 1
