"""Cost against size on two logarithmic axes, where a power of n is a straight line: MACs, and memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from nnarch_nb.views import figure, theme
from nnarch_nb.views.compare_laws import law, power
from nnarch_nb.views.compare_sizes import MACS, line, same_sizes, size_label
from nnarch_nb.views.run_curves import beside as side_by_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from nnarch_nb.verbs.compare import Compared, Comparison, Growth, Point

WIDTH, HEIGHT = 322, 210  # points, of each chart: two stand side by side, or stacked on a narrow page
DASHES = ("-", "--", ":", "-.")
MARKERS = "os^Dv*"
APART = 0.085  # of an axis' height, between two names
MOST_TICKS = 8
MOST_LINES = 8  # of a chart: more names do not stand above each other, nor fit into 40 kB
LONGEST = 18  # letters of a name in a chart


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
        for place, row in drawable(result, cost):
            assert row.growth is not None
            x, y = line(row.growth, cost, shared)
            dash, marker = DASHES[place % len(DASHES)], MARKERS[place % len(MARKERS)]
            axes.plot(x, y, dash, marker=marker, ms=3.5, color=colours[place], linewidth=figure.LINE_WIDTH)
            ends.append(
                (
                    y[-1],
                    x[-1],
                    f"{brief(row.name)}{limit(row.growth) if name == MACS else ''}",
                    colours[place],
                )
            )
        frame(axes, result, name, shared)
        name_lines(axes, ends)

    return figure.draw(paint, WIDTH, HEIGHT, alt(result, name), some(result))


def drawable(result: Comparison, cost: Callable[[Point], int]) -> list[tuple[int, Compared]]:
    """Return the networks whose lines are drawn, each with its place in the table."""
    rows = enumerate(result.rows)
    return [(n, row) for n, row in rows if row.growth and all(map(cost, row.growth.points))][:MOST_LINES]


def brief(name: str) -> str:
    """Return a name short enough to stand at the end of a line, with its end: numbers stand there.

    Examples
    --------
    >>> brief("resnet"), brief("a network with a long name, number 12")
    ('resnet', 'a network… number 12')
    """
    name = " ".join(name.split())
    half = LONGEST // 2
    return name if len(name) <= LONGEST + 1 else f"{name[:half].rstrip()}… {name[-half:].lstrip()}"


def limit(growth: Growth) -> str:
    return f" → {power(growth.limit)}" if growth.limit else ""


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
            textcoords="offset points", va="center", color=colour, annotation_clip=False, parse_math=False,
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


def some(result: Comparison) -> str:
    """Return which lines are drawn, where that is not all; the table beneath has them all."""
    count = len(result.growth)
    return f"Drawn are the first {MOST_LINES} of {count} networks." if count > MOST_LINES else ""
