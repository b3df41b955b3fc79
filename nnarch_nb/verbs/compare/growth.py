"""How the cost grows with the input: traces at multiples of its size, which compute nothing.

Which dimension may grow is found by trying: the network is traced at twice and at half the size, and takes
it or does not. A sequence is the dimension behind the batch, or the last; an image's sides grow together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from torch.nn.parameter import is_lazy

from nnarch_nb.core.trace import Trace, trace
from nnarch_nb.verbs.compare import fit
from nnarch_nb.verbs.compare.result import Growth, Point
from nnarch_nb.verbs.compare.stretch import Dimension, dimensions, grown
from nnarch_nb.verbs.compare.subject import Subject

# More points for images: their cost may be a polynomial of the fourth degree.
LARGER = {"length": (2, 4, 8), "side": (2, 3, 4, 6, 8)}
POINTS = {"length": 5, "side": 6}  # as many as tell the law; halved sizes fill up what a limit cuts off
DEAR = 2 * 10**9  # MACs of a run on values, beyond which no larger one is tried
SLOW = 4.0  # seconds of one trace, likewise: a loop over time steps is traced step by step


def growth_of(
    subject: Subject, names: tuple[str, ...], training: bool, stopping: Callable[[], bool]
) -> Growth | None:
    """Return how the network's cost grows with its input; None if it takes one size only.

    Parameters
    ----------
    subject
        The network, what it was called with, and its trace.
    names
        The kinds of dimension to try.
    training
        Trace it as in training.
    stopping
        Whether to make do with what has been traced.
    """
    if any(map(is_lazy, subject.model.parameters())):
        return None  # its layers would be made for each size anew
    for dimension in dimensions(subject.model, subject.call):
        if dimension.name in names and not stopping():
            grower = Grower(subject, dimension, training, stopping)
            grower.grow()
            if len(grower.runs) > 1:
                return law(dimension, dict(sorted(grower.runs.items())))
    return None


@dataclass
class Grower:
    """The traces of one network at several sizes of one dimension."""

    subject: Subject
    dimension: Dimension
    training: bool
    stopping: Callable[[], bool]

    def __post_init__(self) -> None:
        self.runs = {self.dimension.size: self.subject.run}
        self.took = 0.0

    def grow(self) -> None:
        """Trace larger sizes, then smaller ones, each up to the first that the network does not take."""
        given, name = self.dimension.size, self.dimension.name
        for factor in LARGER[name]:
            if self.is_dear() or not self.take(factor * given):
                break
        for size in halves(given):
            if not self.take(size) or len(self.runs) >= POINTS[name]:
                break

    def is_dear(self) -> bool:
        """Whether the last trace was a burden, so that a larger one would be more of it."""
        last = self.runs[max(self.runs)]
        return self.took > SLOW or (last.mode == "real" and last.macs > DEAR)

    def take(self, size: int) -> bool:
        """Trace at that size; return whether the network takes it.

        What a run on fakes accepts is tried on values where that is cheap: positions beyond the last row of
        an embedding show only there.
        """
        if self.stopping():
            return False
        run = self.subject.run
        worth = size > self.dimension.size and run.macs < DEAR
        started = time.monotonic()
        found = trace(
            self.subject.model, grown(self.subject.call, self.dimension, size), worth, self.training
        )
        self.took = time.monotonic() - started
        if found.failure is not None or len(found.notes) > len(run.notes):
            return False
        self.runs[size] = found
        return True


def halves(size: int) -> Iterator[int]:
    while size > 1:
        size //= 2
        yield size


def law(dimension: Dimension, runs: dict[int, Trace]) -> Growth:
    """Return what the traced sizes say."""
    points = tuple(Point(size, run.macs, run.peak_activation_bytes) for size, run in runs.items())
    pairs = [(point.size, point.macs) for point in points]
    found: tuple[float | Fraction, ...]
    found, fitted = fit.exact(pairs)
    found = found or (fit.nearly(pairs) if all(macs for _, macs in pairs) else ())
    holds = bool(found) and (dimension.size in fitted or not fitted)
    peaks = [(point.size, point.peak_bytes or 0) for point in points[-2:]]
    return Growth(
        dimension=dimension.name,
        given=dimension.size,
        points=points,
        exponent=fit.slope(found, dimension.size) if holds else around(pairs, dimension.size),
        limit=len(found) - 1 if found else None,
        coefficients=tuple(map(float, found)),
        fitted=fitted,
        crossing=fit.crossing(found),
        peak_exponent=fit.slope_between(peaks[0], peaks[-1]),
    )


def around(pairs: list[tuple[int, int]], size: int) -> float | None:
    """Return the exponent at a size, from its neighbours on both sides where there are two."""
    at = next(place for place, (other, _) in enumerate(pairs) if other == size)
    return fit.slope_between(pairs[max(0, at - 1)], pairs[min(len(pairs) - 1, at + 1)])
