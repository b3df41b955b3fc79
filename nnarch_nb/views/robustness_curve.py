"""Accuracy against eps, a line per attack, with the interval around what all of them leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views import figure, numbers, theme
from nnarch_nb.views.values import value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from nnarch_nb.verbs.attack import Interval, Robustness

WIDTH, HEIGHT = 275, 165  # points
DASHES = ("--", "-", ":", "-.")
MARKERS = "os^Dv"
LOWEST, HIGHEST = 0.07, 1.0  # of the axis' height, for a name: below it would touch the axis' own figures
APART = 0.11  # between two names


def curve(result: Robustness) -> figure.Picture:
    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        paint_band(axes, result)
        ends = []
        for place, (name, points) in enumerate(result.attacks.items()):
            if not points:  # stopped before it
                continue
            x, y = line(result, points)
            dash, marker = DASHES[place % len(DASHES)], MARKERS[place % len(MARKERS)]
            axes.plot(x, y, dash, marker=marker, ms=4, color=colour(place), linewidth=figure.LINE_WIDTH)
            ends.append((y[-1], x[-1], name, colour(place)))
        frame(axes, result)
        name_lines(axes, ends)

    return figure.draw(paint, WIDTH, HEIGHT, alt(result))


def colour(place: int) -> str:
    return theme.series(place)


def line(result: Robustness, points: dict[float, Interval]) -> tuple[list[float], list[float]]:
    return [0.0, *points], [result.clean.value, *(share for share, _, _ in points.values())]


def paint_band(axes: Axes, result: Robustness) -> None:
    clean = (result.clean.value, result.clean.low, result.clean.high)
    _, low, high = zip(clean, *result.robust.values(), strict=True)
    last = len(result.attacks) - 1
    axes.fill_between([0.0, *result.robust], low, high, color=colour(last), alpha=0.12, linewidth=0)


def frame(axes: Axes, result: Robustness) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.set_title("accuracy", loc="left", fontsize=9)
    axes.set_xlabel(f"ε, {'share ' if result.unit.startswith('of ') else ''}{result.unit}")
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xticks([0.0, *result.robust], [value(eps, 3) for eps in (0.0, *result.robust)])


def name_lines(axes: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write each attack's name at the end of its line, one above the other where they meet."""
    ends = sorted(ends)
    places = apart([height for height, _, _, _ in ends])
    for place, (_, end, name, ink) in zip(places, ends, strict=True):
        axes.annotate(
            name,
            (end, place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=ink,
            annotation_clip=False,
        )


def apart(heights: list[float]) -> list[float]:
    """Return heights, given from the lowest, moved as far as names need that stand above each other."""
    up: list[float] = []
    for height in heights:
        up.append(max(height, up[-1] + APART if up else LOWEST))
    down: list[float] = []
    for height in reversed(up):
        down.append(min(height, down[-1] - APART if down else HIGHEST))
    return down[::-1]


def alt(result: Robustness) -> str:
    """Say what the curve shows, for those who cannot see it."""
    fall = ", ".join(
        f"{numbers.percent(share)} at {value(eps, 3)}" for eps, (share, _, _) in result.robust.items()
    )
    return f"Accuracy against ε under attack: {numbers.percent(result.clean.value)} clean, at most {fall}"
