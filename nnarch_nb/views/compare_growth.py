"""Cost against size on two logarithmic axes, where a power of n is a straight line: MACs, and memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nnarch_nb.views import figure, numbers, theme
from nnarch_nb.views.compare_words import law, power
from nnarch_nb.views.run_curves import beside as side_by_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from nnarch_nb.verbs.compare import Comparison, Growth, Point

WIDTH, HEIGHT = 322, 210  # points, of each chart: two stand side by side, or stacked on a narrow page
DASHES = ("-", "--", ":", "-.")
MARKERS = "os^Dv*"
APART = 0.085  # of an axis' height, between two names
MOST_TICKS = 8
MACS = "MACs"


@dataclass(frozen=True)
class Sizes:
    """The sizes traced of one network, as a table."""

    caption: str
    head: list[str]
    rows: list[list[str]]


def pictures(result: Comparison) -> list[figure.Picture]:
    """Return the charts of what grows: MACs, and peak activations where they were measured."""
    return drawn(result, tuple(theme.series(place) for place in range(len(result.rows))))


def beside(result: Comparison) -> bytes:
    return side_by_side(pictures(result) or [nothing()])


@lru_cache(maxsize=1)  # html and png of a bundle ask one after the other, and drawing is slow
def drawn(result: Comparison, colours: tuple[str, ...]) -> list[figure.Picture]:
    found = [chart(result, MACS, lambda point: point.macs, colours)] if any_cost(result) else []
    measured = [point.peak_bytes for growth in result.growth.values() for point in growth.points]
    if measured and all(measured):
        found.append(chart(result, "peak activations, bytes", lambda point: point.peak_bytes or 0, colours))
    return found


def any_cost(result: Comparison) -> bool:
    return any(growth.exponent is not None for growth in result.growth.values())


def nothing() -> figure.Picture:
    def paint(canvas: Canvas) -> None:
        canvas.subplots().set_title("no growth was measured", loc="left", fontsize=9)

    return figure.draw(paint, WIDTH, HEIGHT, "No growth was measured")


def chart(
    result: Comparison, name: str, cost: Callable[[Point], int], colours: tuple[str, ...]
) -> figure.Picture:
    shared = same_sizes(result)

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        ends = []
        for place, row in enumerate(result.rows):
            if row.growth is None or not all(map(cost, row.growth.points)):
                continue
            x, y = line(row.growth, cost, shared)
            dash, marker = DASHES[place % len(DASHES)], MARKERS[place % len(MARKERS)]
            axes.plot(x, y, dash, marker=marker, ms=3.5, color=colours[place], linewidth=figure.LINE_WIDTH)
            ends.append(
                (y[-1], x[-1], f"{row.name}{limit(row.growth) if name == MACS else ''}", colours[place])
            )
        frame(axes, result, name, shared)
        name_lines(axes, ends)

    return figure.draw(paint, WIDTH, HEIGHT, alt(result, name))


def limit(growth: Growth) -> str:
    return f" → {power(growth.limit)}" if growth.limit else ""


def same_sizes(result: Comparison) -> bool:
    """Whether all networks grow in the same dimension from the same size, so that n is one axis."""
    return len({(growth.dimension, growth.given) for growth in result.growth.values()}) == 1


def line(growth: Growth, cost: Callable[[Point], int], shared: bool) -> tuple[list[float], list[int]]:
    unit = 1 if shared else growth.given
    return [point.size / unit for point in growth.points], [cost(point) for point in growth.points]


def frame(axes: Axes, result: Comparison, name: str, shared: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    first = next(iter(result.growth.values()))
    axes.set_title(name, loc="left", fontsize=9)
    given = first.given if shared else 1
    axes.axvline(given, color=figure.INK, alpha=0.35, linewidth=0.8, linestyle=(0, (2, 3)))
    axes.annotate(
        "given", (given, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
        textcoords="offset points", va="top", fontsize=8, alpha=0.7,
    )  # fmt: skip
    axes.set_xlabel(
        f"{first.dimension} n of the input" if shared else "size of the input, times the given one"
    )
    sizes = sorted(
        {size for growth in result.growth.values() for size in line(growth, lambda p: p.macs, shared)[0]}
    )
    shown = spread(sizes)
    axes.set_xticks(shown, [size_label(size, shared) for size in shown])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(y=0.08)
    low, high = axes.get_ylim()
    narrow = high < 100 * low
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if narrow else (1,), numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))


def spread(sizes: list[float]) -> list[float]:
    """Return the sizes to label: those at least a factor of 1.5 apart, and not too many."""
    kept: list[float] = []
    for size in sizes:
        if not kept or size >= 1.5 * kept[-1]:
            kept.append(size)
    return kept[:: -(-len(kept) // MOST_TICKS) or 1]


def power_of_ten(value: float) -> str:
    """Return the label of a tick: ``1 K``, ``100 M``.

    Examples
    --------
    >>> power_of_ten(1000), power_of_ten(1e8), power_of_ten(10)
    ('1 K', '100 M', '10')
    """
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:g} {letter}"
    return f"{value:g}"


def name_lines(axes: Axes, ends: list[tuple[int, float, str, str]]) -> None:
    """Name each line at its end, one above the other where they meet."""
    ends = sorted(ends)
    low, high = map(math.log, axes.get_ylim())
    heights = [(math.log(y) - low) / (high - low) for y, _, _, _ in ends]
    for height, (_, x, name, colour) in zip(apart(heights), ends, strict=True):
        axes.annotate(
            name, (x, height), xycoords=("data", "axes fraction"), xytext=(8, 0),
            textcoords="offset points", va="center", color=colour, annotation_clip=False,
        )  # fmt: skip


def apart(heights: list[float]) -> list[float]:
    """Return heights, given from the lowest, moved as far as names need that stand above each other."""
    up: list[float] = []
    for height in heights:
        up.append(max(height, up[-1] + APART if up else 0.0))
    down: list[float] = []
    for height in reversed(up):
        down.append(min(height, down[-1] - APART if down else 1.0))
    return down[::-1]


def alt(result: Comparison, name: str) -> str:
    """Say what the chart shows, for those who cannot see it."""
    laws = [f"{row.name} {law(row)}" for row in result.rows if row.growth]
    if name != MACS:
        return f"{name.capitalize()} against the size of the input, by network"
    return f"MACs against the size of the input: {', '.join(laws)}"


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
