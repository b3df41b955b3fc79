"""Charts of data that is no images: the targets of a regression, the balance of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views import figure, numbers, theme
from nnarch_nb.views.figure import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


def amount(value: float) -> str:
    """Return a value in its own unit with the digits that tell it apart.

    Examples
    --------
    >>> amount(255.0), amount(1679.6), amount(0.12345), amount(-4.2)
    ('255', '1,680', '0.123', '−4.2')
    """
    whole = value == round(value) or abs(value) >= 100
    return numbers.minus(f"{value:,.0f}" if whole and abs(value) < 1e9 else f"{value:.3g}")


def histogram(values: list[float], target: str, split: str) -> Picture:
    """Return how often each range of the target occurs."""

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.hist(values, bins=min(30, max(5, len(values) // 8)), color=theme.series(0), zorder=2)
        axes.set_xlabel(target)
        axes.set_ylabel("samples")
        for artist in axes.findobj():
            artist.set_clip_on(False)  # nothing is outside, and a clip path would need an id

    ends = f"from {amount(min(values))} to {amount(max(values))}"
    alt = f"Histogram of {target} over {len(values):,} {split} samples, {ends}"
    return figure.draw(paint, 420, 150, alt, f"{split.capitalize()} samples by {target}")


def balance(names: list[str], counts: list[int]) -> Picture:
    """Return how many samples each class has."""

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.barh(range(len(names)), counts, color=theme.series(0))
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlabel("samples")

    return figure.draw(paint, 420, 40 + 18 * len(names), f"Samples of {len(names)} classes")
