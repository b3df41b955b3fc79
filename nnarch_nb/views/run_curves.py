"""The curves of a training run: loss, and the metric with the epoch that was kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nnarch_nb.views import figure, numbers, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from nnarch_nb.verbs.train.result import Epoch, Run

WIDTH, HEIGHT = 660, 185
POINTS = 300  # a curve with more is thinned
APART = 0.13  # of an axis' height, between two labels
TRAIN, VALIDATION = 0, 1  # places in the theme's series
DASHES = ("-", "--")
NAMES = {"accuracy": "accuracy", "r2": "R²"}


def curves(run: Run) -> figure.Picture:
    """Return the picture of a run."""
    return drawn(run, (theme.series(TRAIN), theme.series(VALIDATION)))


@lru_cache(maxsize=1)  # html and png of a bundle ask one after the other, and drawing is slow
def drawn(run: Run, colours: tuple[str, str]) -> figure.Picture:
    epochs = run.history[:: -(-len(run.history) // POINTS) or 1]

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots(1, 2 if run.n_val else 1, squeeze=False)[0]
        if not epochs:
            axes[0].set_title("no epoch was completed", loc="left", fontsize=9)
            return
        paint_loss(axes[0], epochs, colours if run.n_val else colours[:1])
        if run.n_val:
            paint_score(axes[1], epochs, run, colours[VALIDATION])

    return figure.draw(paint, WIDTH if run.n_val else WIDTH / 2, HEIGHT, alt(run))


def paint_loss(axes: Axes, epochs: Sequence[Epoch], colours: Sequence[str]) -> None:
    x = [epoch.epoch for epoch in epochs]
    losses = [[epoch.train_loss for epoch in epochs], [epoch.val_loss or 0.0 for epoch in epochs]]
    lines = list(zip(("train", "validation"), losses, colours, DASHES, strict=False))
    for _, values, colour, dashes in lines:
        line(axes, x, values, colour, dashes)
    frame(axes, "loss", x)
    axes.set_ylim(bottom=0)
    label_ends(axes, x[-1], [(name, values[-1], colour) for name, values, colour, _ in lines])


def paint_score(axes: Axes, epochs: Sequence[Epoch], run: Run, colour: str) -> None:
    x = [epoch.epoch for epoch in epochs]
    line(
        axes,
        x,
        [math.nan if epoch.val_score is None else epoch.val_score for epoch in epochs],
        colour,
        DASHES[VALIDATION],
    )
    frame(axes, f"validation {NAMES[run.metric]}", x)
    best = run.best
    if best is None or best.val_score is None:
        return
    axes.plot(best.epoch, best.val_score, "o", ms=7, mfc="none", mec=colour, mew=1.6)
    late = best.epoch > (1 + len(run.history)) / 2
    axes.annotate(
        f"best {score(run, best.val_score)}, epoch {best.epoch}",
        (best.epoch, best.val_score),
        xytext=(6 if late else -6, 7),
        textcoords="offset points",
        ha="right" if late else "left",
    )


def line(axes: Axes, x: list[int], y: list[float], colour: str, dashes: str) -> None:
    marker = "o" if len(x) < 12 else ""
    axes.plot(x, y, dashes, marker=marker, ms=3, color=colour, linewidth=figure.LINE_WIDTH)


def frame(axes: Axes, name: str, x: list[int]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(name, loc="left", fontsize=9)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.margins(x=0.04, y=0.22)


def label_ends(axes: Axes, x: int, ends: list[tuple[str, float, str]]) -> None:
    """Name each line at its end, one above the other where they meet."""
    low, high = axes.get_ylim()
    floor = -APART
    for name, y, colour in sorted(ends, key=lambda end: end[1]):
        height = max((y - low) / (high - low), floor + APART)
        floor = height
        axes.annotate(
            name,
            (x, height),
            xycoords=("data", "axes fraction"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )


def score(run: Run, value: float) -> str:
    return numbers.percent(value) if run.metric == "accuracy" else f"{value:.3f}"


def alt(run: Run) -> str:
    """Say what the curves show, for those who cannot see them."""
    if not run.history:
        return "No epoch was completed"
    first, last = run.history[0].train_loss, run.history[-1].train_loss
    words = f"Training loss from {first:.3g} to {last:.3g} in {len(run.history)} epochs"
    if run.best is None or run.best.val_score is None:
        return words
    name = "accuracy" if run.metric == "accuracy" else "R²"
    return (
        f"{words}; the best epoch is {run.best_epoch} with validation {name} {score(run, run.best.val_score)}"
    )
