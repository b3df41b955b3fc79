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


class Span(NamedTuple):
    """What one position of an axis sees: first and last input position for position 0, and the jump."""

    first: Fraction
    last: Fraction
    jump: Fraction

    @property
    def size(self) -> int:
        return floor(self.last - self.first) + 1


# Of each axis of a tensor what its positions see; None for an axis that is no direction in space.
Axes = tuple[Span | None, ...]
START = Span(Fraction(0), Fraction(0), Fraction(1))


def receptive_fields(run: Trace) -> dict[int, tuple[int, ...] | None]:
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
        cannot be followed. After a transposed convolution or an interpolation positions differ in what they
        see; the size then covers them all, and may be too large by less than a step of the coarser grid.

    Examples
    --------
    >>> from torch import nn
    >>> from nnarch_nb.core.inputs import as_call
    >>> from nnarch_nb.core.trace import trace
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3))
    >>> receptive_fields(trace(model, as_call((1, 28, 28))))
    {0: (1, 1), 1: (3, 3), 2: (4, 4), 3: (8, 8), 4: (8, 8)}
    """
    sources: dict[int, list[tuple[int, Shape]]] = {step.id: [] for step in run.operations}
    for edge in run.edges:
        sources[edge.target].append((edge.source, edge.shape))
    seen: dict[int, Axes | None] = {}
    for step in run.operations:
        seen[step.id] = given_axes(step) if step.kind == "input" else axes_of(step, sources[step.id], seen)
    return {number: sizes(axes) for number, axes in seen.items()}


def sizes(axes: Axes | None) -> tuple[int, ...] | None:
    return None if axes is None else tuple(span.size for span in axes if span is not None)


def given_axes(step: Operation) -> Axes | None:
    """Return the axes of an input: batch, channels, and what is left."""
    rank = len(step.shapes[0]) if len(step.shapes) == 1 else 0
    return (None, None, *[START] * (rank - 2)) if 3 <= rank <= 5 else None


def axes_of(step: Operation, given: list[tuple[int, Shape]], seen: dict[int, Axes | None]) -> Axes | None:
    """Return what the positions of a step's result see; None for everything."""
    axes = joined([seen[source] for source, _ in given])
    shape = next((shape for source, shape in given if seen[source] is not None), ())
    if axes is None:
        return None
    if {mixing.kind for mixing in step.mixings} <= {"view", "linear"} and step.mixings:
        return reshaped(axes, shape, step)
    for mixing in step.mixings:
        axes = None if axes is None else mixed(axes, mixing)
    return axes if axes is not None and all(len(axes) == len(out) for out in step.shapes) else None


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
    return Span(min(span.first for span in known), max(span.last for span in known), known[0].jump)


def mixed(axes: Axes, mixing: Mixing) -> Axes | None:
    """Return what is seen after one kernel that mixes positions."""
    if mixing.kind == "order" and len(mixing.order) == len(axes):
        return tuple(axes[axis] for axis in mixing.order)
    if mixing.kind == "view":
        return axes  # within a step of several kernels, which ends in the shape it is told by
    if mixing.window is None:
        return None
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


def through(span: Span, window: Window, place: int) -> Span:
    if place < 0:
        return span
    stride = Fraction(window.stride[place])
    padding = Fraction(window.padding[place]) if window.padding else Fraction(0)
    width = (window.dilation[place] if window.dilation else 1) * (Fraction(window.size[place]) - 1)
    if window.transposed:
        jump = span.jump / stride
        return Span(span.first + (padding - width) * jump, span.last + padding * jump, jump)
    first, last = span.first - padding * span.jump, span.last + (width - padding) * span.jump
    return Span(first, last, span.jump * stride)


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
