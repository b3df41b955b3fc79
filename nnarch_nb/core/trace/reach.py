"""How much of the input each step sees: its receptive field.

Each tensor's positions are followed as an interval of input positions: where that of position 0 begins and
ends, and by how much it moves from one position to the next. A window widens it, a stride makes it jump
further, and where paths join it is the union. After [1]_, with intervals in place of sizes so that paths of
unlike padding join as they do.

.. [1] A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks",
   Distill 2019. https://doi.org/10.23915/distill.00021
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import NamedTuple

from nnarch_nb.core.trace.record import Mixing, Operation, Shape, Trace, Window


class Field(NamedTuple):
    """How many input positions one position of a result depends on, by direction of space.

    ``at_most`` where positions differ in what they see, as after a transposed convolution or an
    interpolation: the size then covers them all, and each may see less.
    """

    size: tuple[int, ...]
    at_most: bool = False


class Span(NamedTuple):
    """What one position of an axis sees: first and last input position for position 0, and the jump."""

    first: Fraction
    last: Fraction
    jump: Fraction
    uneven: bool = False

    @property
    def size(self) -> int:
        return floor(self.last - self.first) + 1


# Of each axis of a tensor what its positions see; None for an axis that is no direction in space.
Axes = tuple[Span | None, ...]
START = Span(Fraction(0), Fraction(0), Fraction(1))


# What takes one part of its input; where others do so, the parts may go different ways.
PARTS = {"getitem", "narrow", "slice"}


def receptive_fields(run: Trace) -> dict[int, Field | None]:
    """Return for each operation how many input positions one position of its result depends on.

    Parameters
    ----------
    run
        A trace whose input has batch, channels and one to three dimensions of space.

    Returns
    -------
    dict
        By operation id the size in each direction of space, borders not cut off; None where it is all of the
        input, as after global pooling, attention or a linear layer on all positions, and where the way
        cannot be followed. No position sees more than that.

    Examples
    --------
    >>> from torch import nn
    >>> from nnarch_nb.core.inputs import as_call
    >>> from nnarch_nb.core.trace import trace
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3))
    >>> [field.size for field in receptive_fields(trace(model, as_call((1, 28, 28)))).values()]
    [(1, 1), (3, 3), (4, 4), (8, 8), (8, 8)]
    """
    sources: dict[int, list[tuple[int, Shape]]] = {step.id: [] for step in run.operations}
    for edge in run.edges:
        sources[edge.target].append((edge.source, edge.shape))
    seen: dict[int, Axes | None] = {}
    for step in run.operations:
        given = [source_axes(run.operations[source], shape, seen) for source, shape in sources[step.id]]
        shapes = [shape for _, shape in sources[step.id]]
        seen[step.id] = given_axes(step) if step.kind == "input" else axes_of(step, given, shapes)
    return {number: field(axes) for number, axes in seen.items()}


def field(axes: Axes | None) -> Field | None:
    spans = [span for span in axes or () if span is not None]
    return Field(tuple(span.size for span in spans), any(span.uneven for span in spans)) if axes else None


def source_axes(source: Operation, shape: Shape, seen: dict[int, Axes | None]) -> Axes | None:
    """Return what a tensor's positions see; None for one of which only a part was made there, in place."""
    axes = seen[source.id]
    return axes if axes is not None and any(alike(axes, shape, made) for made in source.shapes) else None


def alike(axes: Axes, shape: Shape, other: Shape) -> bool:
    """Whether two tensors have the same positions in space."""
    return len(axes) == len(shape) == len(other) and all(
        span is None or a == b for span, a, b in zip(axes, shape, other, strict=True)
    )


def given_axes(step: Operation) -> Axes | None:
    """Return the axes of an input: batch, channels, and what is left."""
    rank = len(step.shapes[0]) if len(step.shapes) == 1 else 0
    return (None, None, *[START] * (rank - 2)) if 3 <= rank <= 5 else None


def axes_of(step: Operation, given: list[Axes | None], shapes: list[Shape]) -> Axes | None:
    """Return what the positions of a step's result see; None for everything."""
    axes = joined(given)
    if axes is None or not all(alike(axes, shape, shapes[0]) for shape in shapes):
        return None  # what is spread along an axis is seen from everywhere on it
    if not step.mixings:
        return axes if all(alike(axes, shapes[0], out) for out in step.shapes) else None
    if {mixing.kind for mixing in step.mixings} <= {"view", "linear"}:
        return reshaped(axes, shapes[0], step)
    if not is_one_part(step, axes):
        return None
    for mixing in step.mixings:
        axes = None if axes is None else mixed(axes, mixing)
    return axes if axes is not None and all(len(axes) == len(out) for out in step.shapes) else None


def is_one_part(step: Operation, axes: Axes) -> bool:
    """Whether the parts that a step takes of directions in space, if any, are one part."""
    cut = [mixing.order for mixing in step.mixings if mixing.kind == "slice" and in_space(axes, mixing)]
    return not cut or (step.name in PARTS and len(set(cut)) == len(cut))


def in_space(axes: Axes, mixing: Mixing) -> bool:
    return any(axis >= len(axes) or axes[axis] is not None for axis in mixing.order)


def joined(ways: list[Axes | None]) -> Axes | None:
    """Return the union of what several tensors see, where their positions correspond."""
    if not ways or any(way is None or len(way) != len(ways[0] or ()) for way in ways):
        return None
    together = zip(*(way for way in ways if way is not None), strict=True)
    axes = [united(spans) for spans in together]
    return None if "apart" in axes else tuple(span for span in axes if not isinstance(span, str))


def united(spans: tuple[Span | None, ...]) -> Span | str | None:
    known = [span for span in spans if span is not None]
    if not known:
        return None
    if len(known) < len(spans) or len({span.jump for span in known}) > 1:
        return "apart"
    uneven = any(span.uneven for span in known)
    return Span(min(span.first for span in known), max(span.last for span in known), known[0].jump, uneven)


def mixed(axes: Axes, mixing: Mixing) -> Axes | None:
    """Return what is seen after one kernel that mixes positions."""
    if mixing.kind == "order" and len(mixing.order) == len(axes):
        return tuple(axes[axis] for axis in mixing.order)
    if mixing.kind == "view":
        return axes  # within a step of several kernels, which ends in the shape it is told by
    if mixing.kind in ("slice", "along") and not in_space(axes, mixing):
        return axes
    if mixing.window is None:
        return None
    if mixing.kind == "slice":
        return cut(axes, mixing.order[0], mixing.window)
    return windowed(axes, mixing.window)


def windowed(axes: Axes, window: Window) -> Axes | None:
    """Move a window over the last axes; one-dimensional pooling runs as two-dimensional."""
    count = len([span for span in axes if span is not None])
    if any(span is None for span in axes[len(axes) - count :]):
        return None  # the windows lie along an axis that is no direction in space
    spans = [
        through(span, window, len(window.size) - count + place)
        for place, span in enumerate(axes[len(axes) - count :])
        if span is not None
    ]
    return (*axes[: len(axes) - count], *spans)


def cut(axes: Axes, axis: int, window: Window) -> Axes | None:
    """Follow a part of one axis."""
    span = axes[axis] if axis < len(axes) else None
    return None if span is None else (*axes[:axis], through(span, window, 0), *axes[axis + 1 :])


def through(span: Span, window: Window, place: int) -> Span:
    if place < 0:
        return span
    stride = Fraction(window.stride[place])
    padding = Fraction(window.padding[place]) if window.padding else Fraction(0)
    width = (window.dilation[place] if window.dilation else 1) * (Fraction(window.size[place]) - 1)
    if window.transposed:
        jump, uneven = span.jump / stride, span.uneven or stride > 1
        return Span(span.first + (padding - width) * jump, span.last + padding * jump, jump, uneven)
    uneven = span.uneven or window.uneven
    first, last = span.first - padding * span.jump, span.last + (width - padding) * span.jump
    return Span(first, last, span.jump * stride, uneven)


def reshaped(axes: Axes, shape: Shape, step: Operation) -> Axes | None:
    """Follow a view that leaves the directions of space alone, and a product along the channels, if last."""
    out = step.shapes[0] if len(step.shapes) == 1 else ()
    if any(mixing.kind == "linear" for mixing in step.mixings):
        alike = len(out) == len(axes) and out[:-1] == shape[:-1] and axes[-1] is None
        return axes if alike else None
    spatial = [axis for axis, span in enumerate(axes) if span is not None]
    count = len(axes) - spatial[0] if spatial else 0
    if not count or len(out) <= count or out[-count:] != shape[-count:]:
        return None
    return (*[None] * (len(out) - count), *axes[-count:])
