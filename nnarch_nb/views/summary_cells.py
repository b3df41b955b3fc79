"""How the values of a summary's columns are written, the same in html and text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnarch_nb.verbs.summary.columns import COLUMNS, Column
from nnarch_nb.views import numbers
from nnarch_nb.views.shapes import written

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Layer, Summary
    from nnarch_nb.views.summary_lines import Line

BAR = 60  # pixels
ADDED = ("count", "short", "bytes")  # forms whose values add up


@dataclass(frozen=True)
class Cell:
    """One value, that of one where it stands for several, and how long its bar is where it is a share."""

    text: str
    form: str
    share: float = 0.0
    each: str = ""

    @property
    def bar(self) -> int:
        return max(2, round(BAR * min(1.0, self.share))) if self.share else 0


def short(value: float | None) -> str:
    """Return a figure, a dash for nothing, words for what was not measured.

    Examples
    --------
    >>> short(10_616_832), short(0), short(None)
    ('10.6 M', '–', 'not measured')
    """
    return numbers.NOT_MEASURED if value is None else numbers.short(value) if value else numbers.NONE


def size(value: float | None) -> str:
    return numbers.NOT_MEASURED if value is None else numbers.short(value, "B") if value else numbers.NONE


def field(value: tuple[tuple[int, ...] | None, bool]) -> str:
    """Return a receptive field, with a sign where it is a bound.

    Examples
    --------
    >>> field(((3, 3), False)), field(((8, 8), True)), field((None, False))
    ('3×3', '≤ 8×8', '–')
    """
    sizes, at_most = value
    return f"{'≤ ' if at_most and sizes else ''}{numbers.shape(sizes)}"


FORMS: dict[str, Callable[[Any], str]] = {
    "sizes": numbers.shape,
    "field": field,
    "count": numbers.count,
    "short": short,
    "bytes": size,
    "words": lambda value: value or numbers.NONE,
}


def columns(summary: Summary) -> list[Column]:
    return [COLUMNS[name] for name in summary.columns]


def cells(summary: Summary, line: Line) -> list[Cell]:
    found = [cell(summary, column, line.layer, line.times) for column in columns(summary)]
    if line.copies == 1:
        return found
    one = [cell(summary, column, line.one, line.times) for column in columns(summary)]
    return [
        replace(whole, each=part.text) if whole.text != part.text and whole.form in ADDED else whole
        for whole, part in zip(found, one, strict=True)
    ]


def cell(summary: Summary, column: Column, row: Layer, times: int = 1) -> Cell:
    """Return what stands in a column; a share is of the whole network, so that those of the layers add up."""
    value = column.value(row)
    if column.form == "shape":
        return Cell(written(value, summary.per_sample), column.form)
    if column.form == "share":
        whole = column.value(summary.rows[0])
        share = times * value / whole if value and whole else 0.0
        return Cell(numbers.percent(share) if share else numbers.NONE, column.form, share)
    return Cell(FORMS[column.form](value), column.form)
