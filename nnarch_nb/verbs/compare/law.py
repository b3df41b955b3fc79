"""What the traced sizes say: the law of growth, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterator

from nnarch_nb.core.trace import Trace
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.compare import fit
from nnarch_nb.verbs.compare.follow import Part, names_of
from nnarch_nb.verbs.compare.result import Growth, Point
from nnarch_nb.verbs.compare.stretch import Dimension
from nnarch_nb.verbs.compare.subject import Subject

SAME = "it pools or ignores what is added, or another input tells how much of it counts"


def law(dimension: Dimension, runs: dict[int, Trace]) -> Growth:
    """Return what the traced sizes say."""
    points = tuple(Point(size, run.macs, run.peak_activation_bytes) for size, run in runs.items())
    pairs = [(point.size, point.macs) for point in points]
    found, fitted = fit.law(pairs) if plateau(points) is None else ((), ())
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


def plateau(points: tuple[Point, ...]) -> int | None:
    """Return the size from which on the MACs stay the same; None if they grow to the end."""
    last = points[-1].macs
    same = [point.size for point in points if point.macs == last]
    return min(same) if last and len(same) > 1 else None


def notes_on(subject: Subject, dimension: Dimension, growth: Growth) -> Iterator[str]:
    """Return what is doubtful: MACs that stay, inputs that do not grow along."""
    start = plateau(growth.points)
    if start is not None:
        where = "at every size" if start == growth.points[0].size else f"from {growth.dimension} {start} on"
        yield f"MACs are the same {where}: {SAME}."
    names = names_of(subject.model, subject.call)
    grows = [name for name, part in zip(names, dimension.parts, strict=True) if part != Part()]
    stays = [
        name
        for name, part, tensor in zip(names, dimension.parts, subject.call.tensors, strict=True)
        if part == Part() and tensor.dim() > 1
    ]
    if stays:
        yield (
            f"{growth.dimension} n is that of {listed(grows)}; {listed(stays)} "
            f"{'stays' if len(set(stays)) == 1 else 'stay'} as given."
        )


def listed(names: list[str]) -> str:
    return shorten(", ".join(dict.fromkeys(names)), 60)


def around(pairs: list[tuple[int, int]], size: int) -> float | None:
    """Return the exponent at a size, from its neighbours on both sides where there are two."""
    at = next(place for place, (other, _) in enumerate(pairs) if other == size)
    return fit.slope_between(pairs[max(0, at - 1)], pairs[min(len(pairs) - 1, at + 1)])
