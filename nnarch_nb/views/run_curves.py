"""The curves of a training run: loss, and the metric with the epoch that was kept."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nnarch_nb.verbs.train.result import FAR
from nnarch_nb.views import figure, numbers, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from nnarch_nb.verbs.train.result import Epoch, Run

WIDTH, HEIGHT = 322, 185  # points, of each chart: two stand side by side, or stacked on a narrow page
POINTS = 300  # a curve with more is thinned
APART = 0.13  # of an axis' height, between two labels
TRAIN, VALIDATION = 0, 1  # places in the theme's series
DASHES = ("-", "--")
NAMES = {
    "accuracy": "accuracy",
    "r2": "R²",
    "f1": "F1",
    "token_accuracy": "token accuracy",
    "iou": "mean IoU",
}


def curves(run: Run) -> list[figure.Picture]:
    """Return the pictures of a run: the loss, and the score where it was validated."""
    return drawn(run, (theme.series(TRAIN), theme.series(VALIDATION)))


@lru_cache(maxsize=1)  # html and png of a bundle ask one after the other, and drawing is slow
def drawn(run: Run, colours: tuple[str, str]) -> list[figure.Picture]:
    epochs = run.history[:: -(-len(run.history) // POINTS) or 1]
    if not epochs:
        return [figure.draw(paint_nothing, WIDTH, HEIGHT, "No epoch was completed")]

    def loss(canvas: Canvas) -> None:
        paint_loss(canvas.subplots(), epochs, colours if run.n_val else colours[:1])

    def score(canvas: Canvas) -> None:
        paint_score(canvas.subplots(), epochs, run, colours[VALIDATION])

    pictures = [figure.draw(loss, WIDTH, HEIGHT, alt_of_loss(run))]
    return [*pictures, figure.draw(score, WIDTH, HEIGHT, alt_of_score(run))] if run.n_val else pictures


def paint_nothing(canvas: Canvas) -> None:
    canvas.subplots().set_title("no epoch was completed", loc="left", fontsize=9)


def beside(pictures: Sequence[figure.Picture]) -> bytes:
    """Return one PNG of all, side by side, for hosts that show no html."""
    from PIL import Image

    images = [Image.open(io.BytesIO(picture.png)).convert("RGBA") for picture in pictures]
    page = Image.new("RGBA", (sum(image.width for image in images), images[0].height))
    for place, image in enumerate(images):
        page.paste(image, (place * image.width, 0))
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return figure.smaller_png(buffer.getvalue())


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
    if run.metric != "r2":
        axes.yaxis.set_major_formatter(lambda share, _: in_percent(share))
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


def in_percent(share: float) -> str:
    """Return the label of a tick; none where there are no shares."""
    return f"{round(100 * share, 6):g} %" if -1e-9 < share < 1 + 1e-9 else ""


def score(run: Run, value: float) -> str:
    if run.metric != "r2":
        return numbers.percent(value)
    return numbers.minus(f"{value:.3f}") if abs(value) < FAR else numbers.significant(value)


def alt_of_loss(run: Run) -> str:
    """Say what the curves show, for those who cannot see them."""
    first, last = (numbers.significant(run.history[end].train_loss) for end in (0, -1))
    return f"Training loss from {first} to {last} in {len(run.history)} epochs"


def alt_of_score(run: Run) -> str:
    name = f"validation {NAMES[run.metric]}"
    if run.best is None or run.best.val_score is None:
        return f"{name.capitalize()} by epoch"
    return f"The best epoch is {run.best_epoch} with {name} {score(run, run.best.val_score)}"
