"""The figures behind the charts of a comparison: costs by size, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers

if TYPE_CHECKING:
    from nnarch_nb.verbs.compare import Comparison, Growth, Point

MACS = "MACs"


@dataclass(frozen=True)
class Sizes:
    """The sizes traced of one network, as a table."""

    caption: str
    head: list[str]
    rows: list[list[str]]


def same_sizes(result: Comparison) -> bool:
    """Whether all networks grow in the same dimension from the same size, so that n is one axis."""
    return len({(growth.dimension, growth.given) for growth in result.growth.values()}) == 1


def line(growth: Growth, cost: Callable[[Point], int], shared: bool) -> tuple[list[float], list[int]]:
    unit = 1 if shared else growth.given
    return [point.size / unit for point in growth.points], [cost(point) for point in growth.points]


def table(result: Comparison) -> list[Sizes]:
    """Return the figures behind the charts: a row for each size, a column for each network."""
    shared = same_sizes(result)
    found = []
    for name, cost in ((MACS, macs_at), ("Peak activations", peak_at)):
        columns = {row: at_sizes(growth, cost, shared) for row, growth in result.growth.items()}
        sizes = sorted({size for column in columns.values() for size in column})
        rows = [
            [size_label(size, shared), *(c.get(size, numbers.NONE) for c in columns.values())]
            for size in sizes
        ]
        found.append(Sizes(f"{name} by size", ["n" if shared else "of the given size", *columns], rows))
    return found if result.growth else []


def at_sizes(growth: Growth, cost: Callable[[Point], str], shared: bool) -> dict[float, str]:
    sizes, _ = line(growth, lambda point: point.macs, shared)
    return {size: cost(point) for size, point in zip(sizes, growth.points, strict=True)}


def macs_at(point: Point) -> str:
    return numbers.count(point.macs)


def peak_at(point: Point) -> str:
    return numbers.NOT_MEASURED if point.peak_bytes is None else numbers.short(point.peak_bytes, "B")


def size_label(size: float, shared: bool) -> str:
    return f"{size:,g}" if shared else f"{size:.3g}×"
