"""How the cost grows with the input: traces at multiples of its size, which compute nothing.

Which dimension may grow is found by trying: the network is traced at twice and at half the size, and takes
it or does not. A sequence is the dimension behind the batch, or the last; an image's sides grow together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch.nn.parameter import is_lazy

from nnarch_nb.core.trace import Shape, Trace, trace
from nnarch_nb.verbs.compare.law import law, notes_on
from nnarch_nb.verbs.compare.result import Growth
from nnarch_nb.verbs.compare.stretch import Dimension, alone, dimensions, divided, grown
from nnarch_nb.verbs.compare.subject import Subject

# More points for images: their cost may be a polynomial of the fourth degree.
LARGER = {"length": (2, 4, 8), "side": (2, 3, 4, 6, 8)}
POINTS = {"length": 5, "side": 6}  # as many as tell the law; halved sizes fill up what a limit cuts off
DEAR = 2 * 10**9  # MACs of a run on values, beyond which no larger one is tried
# Operations in all traces of one network, and in those of a loop over time steps, which is traced step by
# step and whose law shows early. Not seconds, so that a busy machine shows the same growth as an idle one.
MOST_OPERATIONS, MOST_LOOPED = 12_000, 3_000
PATIENCE = 120.0  # seconds, for what is slow beyond all that
LAZY = "its lazy layers would be made for each size anew"


@dataclass(frozen=True)
class Finding:
    """The growth of a network, or why there is none.

    Attributes
    ----------
    growth
        None if there is none.
    fixed
        It takes one size only.
    untold
        Why it could not be told.
    notes
        What a reader must know about it.
    """

    growth: Growth | None = None
    fixed: bool = False
    untold: str = ""
    notes: tuple[str, ...] = ()


def growth_of(
    subject: Subject, names: tuple[str, ...], training: bool, stopping: Callable[[], bool]
) -> Finding:
    """Return how the network's cost grows with its input.

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
        return Finding(untold=LAZY)
    refused = Finding(fixed=True)
    for dimension in dimensions(subject.model, subject.call):
        if dimension.name in names and not stopping():
            grower = Grower(subject, dimension, training, stopping)
            if grower.grow():
                growth = law(dimension, dict(sorted(grower.runs.items())))
                return Finding(growth, notes=tuple(notes_on(subject, dimension, growth)))
            refused = grower.refused if refused == Finding(fixed=True) else refused
    return Finding() if stopping() else refused


@dataclass
class Grower:
    """The traces of one network at several sizes of one dimension.

    Attributes
    ----------
    runs
        By size.
    refused
        Why there is no growth: what became of a larger input that was cut into more samples.
    """

    subject: Subject
    dimension: Dimension
    training: bool
    stopping: Callable[[], bool]
    refused: Finding = Finding(fixed=True)

    def __post_init__(self) -> None:
        self.runs = {self.dimension.size: self.subject.run}
        self.started = time.monotonic()

    def grow(self) -> bool:
        """Trace larger sizes, then smaller ones, each up to the first that the network does not take."""
        given, name = self.dimension.size, self.dimension.name
        for factor in LARGER[name]:
            if self.is_dear(max(self.runs)) or not self.take(factor * given):
                break
        for size in halves(given):
            if self.is_dear(min(self.runs)) or not self.take(size) or len(self.runs) >= POINTS[name]:
                break
        return len(self.runs) > 1 and (not self.dimension.doubtful or self.is_even())

    def is_dear(self, size: int) -> bool:
        """Whether another run like the one at that size is too much; the first one never is."""
        last = self.runs[size]
        if size >= self.dimension.size and last.mode == "real" and last.macs > DEAR:
            return True
        if len(self.runs) == 1:
            return False
        counts = {at: len(run.operations) for at, run in sorted(self.runs.items())}
        spent = sum(counts.values()) - counts[self.dimension.size]
        neighbour = list(counts.values())[-2 if size == max(counts) else 1]
        next_one = counts[size] * counts[size] / max(1, neighbour)
        most = MOST_LOOPED if max(counts.values()) > 1.5 * min(counts.values()) else MOST_OPERATIONS
        return spent + next_one > most or time.monotonic() - self.started > PATIENCE

    def take(self, size: int) -> bool:
        """Trace at that size; return whether the network takes it and gives as many samples as before."""
        if self.stopping():
            return False
        run, found = self.subject.run, self.trace(self.dimension, size)
        if found.failure is not None or len(found.notes) > len(run.notes):
            return False
        pairs = list(zip(outputs_in(run.output), outputs_in(found.output), strict=False))
        if any(len(old) != len(new) for old, new in pairs):
            return False
        for old, new in pairs:
            if divided(self.subject.call, self.dimension, size, old, new):
                if size > self.dimension.size:
                    self.refused = self.refusal(size, old[0], new[0])
                return False
        self.runs[size] = found
        return True

    def refusal(self, size: int, old: int, new: int) -> Finding:
        larger = f"{self.dimension.name} {size} instead of {self.dimension.size}"
        if old == self.subject.call.tensors[0].shape[0]:
            return Finding(fixed=True, notes=(f"Fixed size: {larger} makes {new} samples of {old}.",))
        return Finding(untold=f"{larger} makes {new} of {old} in its output, which may be samples or parts")

    def trace(self, dimension: Dimension, size: int) -> Trace:
        """Return the trace at that size.

        What a run on fakes accepts is tried on values where that is cheap: positions beyond the last row of
        an embedding show only there.
        """
        worth = size > dimension.size and self.subject.run.macs < DEAR
        return trace(self.subject.model, grown(self.subject.call, dimension, size), worth, self.training)

    def is_even(self) -> bool:
        """Whether both sides count alike: those of an image do."""
        runs = [
            self.trace(alone(self.dimension, place), 2 * self.dimension.size)
            for place in self.dimension.places
        ]
        return not any(run.failure for run in runs) and len({run.macs for run in runs}) == 1


def outputs_in(output: Shape | tuple[Shape, ...] | None) -> tuple[Shape, ...]:
    """Return the shapes of an output, of one tensor or of several."""
    if not output:
        return ()
    return (output,) if isinstance(output[0], int) else output


def halves(size: int) -> Iterator[int]:
    while size > 1:
        size //= 2
        yield size
