"""The summary of a network: its layers as a tree that folds in html, in torchinfo's familiar look as text.

The tree is one table, so that its columns line up at every depth and a screen reader reads it as a table.
A row with layers within carries a ``<details>``, and the style sheet hides the rows of those that are
closed. Where styles are taken out, all rows show: nothing is lost but the folding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers, summary_memory, traced
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure
from nnarch_nb.views.shapes import written
from nnarch_nb.views.summary_cells import ADDED, Cell, cell, cells, columns
from nnarch_nb.views.summary_lines import Line, lines
from nnarch_nb.views.summary_text import text
from nnarch_nb.views.summary_trust import trust

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Summary

__all__ = ["html", "text"]

MOST_ROWS = 95
INDENT = 16  # pixels


@dataclass(frozen=True)
class Row:
    """A line with its cells, as the template takes it."""

    line: Line
    cells: list[Cell]

    @property
    def indent(self) -> int:
        return INDENT * self.line.level

    @property
    def classes(self) -> str:
        return " ".join(f"i{group}" for group in self.line.within)


def html(summary: Summary) -> str:
    found = lines(summary, unfold=True)
    rows = [Row(line, cells(summary, line)) for line in found[:MOST_ROWS]]
    return render(
        "summary.html.j2",
        title=summary.name,
        subtitle=subtitle(summary),
        strip=strip(summary),
        columns=columns(summary),
        rows=rows,
        groups=max((row.line.group for row in rows), default=0),
        totals=totals(summary),
        caption=caption(summary, found),
        more=max(0, len(found) - MOST_ROWS),
        answer=summary_memory.answer(summary),
        memory=summary_memory,
        summary=summary,
        trust=trust(summary),
    )


def totals(summary: Summary) -> list[Cell | None]:
    """Return the cells of the last row; None where a sum would say nothing."""
    return [
        cell(summary, column, summary.rows[0])
        if column.form in (*ADDED, "shape") and name != "calls"
        else None
        for name, column in zip(summary.columns, columns(summary), strict=True)
    ]


def caption(summary: Summary, found: list[Line]) -> str:
    if summary.sort is not None:
        return f"Layers by {summary.sort}"
    folded = any(line.copies > 1 for line in found)
    return "Layers in the order in which they ran" + (
        "; ×N: so many alike, figures of all, those of one within" if folded else ""
    )


def subtitle(summary: Summary) -> str:
    return f"{summary.given} → {written(summary.output, summary.per_sample)}"


def strip(summary: Summary) -> list[Figure]:
    frozen = summary.params != summary.trainable
    trainable = f", {numbers.short(summary.trainable)} trainable" if frozen else ""
    return [
        Figure(numbers.short(summary.params), f"parameters{trainable}"),
        Figure(traced.macs(summary), traced.macs_of_what(summary)),
        Figure(numbers.short(summary.weights_bytes, "B"), traced.weights_of_what(summary)),
        *summary_memory.figures(summary),
    ]
