"""The curves of a task under way, as points of a small drawing: cheap enough for twice a second."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nnarch_nb.core.events import Task
from nnarch_nb.views import numbers, theme

WIDTH, HEIGHT = 400, 150
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 18, 20
MOST = 300  # points a curve
TRAIN, VALIDATION = 0, 1  # places in the theme's series
STEPS = (1, 1.5, 2, 3, 5, 8, 10)

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One curve: its name, its look, and its points as the drawing takes them."""

    name: str
    colour: str
    dashed: bool
    path: str


@dataclass(frozen=True)
class Chart:
    """One pair of axes: what it shows, its lines, and the height and label of each grid line."""

    name: str
    lines: list[Line]
    grid: list[tuple[float, str]]
    end: str
    alt: str


class Curves:
    """What a task has told so far; the loss of single batches comes in between the epochs."""

    def __init__(self) -> None:
        self.batches: Points = []
        self.seen = -1.0

    def hear(self, task: Task) -> None:
        """Take in the newest loss."""
        loss = task.figures.get("loss")
        if loss is not None and math.isfinite(loss) and task.done > self.seen:
            self.seen = task.done
            self.batches.append((task.done, loss))
        if len(self.batches) > MOST:
            self.batches = self.batches[::2]

    def charts(self, task: Task) -> list[Chart]:
        """Return the loss, and the score if there is one; nothing for a task without a loss."""
        found = []
        losses = {"train": self.batches, "validation": completed(task, "val_loss")}
        if self.batches or losses["validation"]:
            found.append(chart("loss", losses, task))
        for name in score_names(task):
            found.append(chart(name.removeprefix("val_"), {"validation": completed(task, name)}, task))
        return found


def score_names(task: Task) -> list[str]:
    names = task.history[0] if task.history else {}
    return [name for name in names if name.startswith("val_") and name != "val_loss"]


def completed(task: Task, name: str) -> Points:
    """Return a figure of every completed unit."""
    points = [
        (float(n), unit[name])
        for n, unit in enumerate(task.history, 1)
        if math.isfinite(unit.get(name, math.nan))
    ]
    return points[:: -(-len(points) // MOST) or 1]


def chart(name: str, lines: dict[str, Points], task: Task) -> Chart:
    top = 1.0 if name == "accuracy" else nice(y for points in lines.values() for _, y in points)
    end = horizon(task)
    drawn = [
        Line(label, theme.series(place), place == VALIDATION, path(points, end, top))
        for place, label in enumerate(("train", "validation"))
        if (points := lines.get(label))
    ]
    grid = [
        (HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), written(name, share * top))
        for share in (0, 0.5, 1)
    ]
    newest = ", ".join(f"{label} {points[-1][1]:.3g}" for label, points in lines.items() if points)
    return Chart(name, drawn, grid, f"{task.unit} {end:g}", f"{name}: {newest}")


def written(name: str, value: float) -> str:
    return numbers.percent(value, 0) if name == "accuracy" else f"{value:.3g}"


def horizon(task: Task) -> float:
    """Return where the axis ends: with the task, or nearer while little of it is done."""
    return task.total if task.done * 8 > task.total else min(task.total, nice([2 * task.done, 1]))


def nice(values: Iterable[Any]) -> float:
    """Return a round number that is not below any of the values.

    Examples
    --------
    >>> nice([0.3, 2.31]), nice([])
    (3.0, 1.0)
    """
    most = max(values, default=0.0)
    if most <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(most))
    return float(next(step * size for step in STEPS if step * size >= most * 0.9999))


def path(points: Points, end: float, top: float) -> str:
    """Return the points in the drawing's units; one alone becomes a short dash."""
    across, up = (WIDTH - LEFT - RIGHT) / end, (HEIGHT - TOP - BOTTOM) / top
    bottom = HEIGHT - BOTTOM
    placed = [(LEFT + x * across, min(max(bottom - y * up, 0), bottom + BOTTOM)) for x, y in points]
    if len(placed) == 1:
        placed.append((placed[0][0] + 3, placed[0][1]))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
