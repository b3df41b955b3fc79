"""What a summary can show of a layer: one table, from which the options, the html and the text are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from nnarch_nb.verbs.summary.layer import Layer

Form = Literal["shape", "sizes", "count", "short", "bytes", "share", "words", "field"]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    title, brief
        Its heading, and a shorter one where room is scarce.
    form
        How its values are written.
    value
        Takes them from a row.
    """

    title: str
    form: Form
    value: Callable[[Layer], Any]
    brief: str = ""


COLUMNS: dict[str, Column] = {
    "input": Column("input", "shape", lambda row: row.input, "input shape"),
    "output": Column("output", "shape", lambda row: row.output, "output shape"),
    "kernel": Column("kernel", "sizes", lambda row: row.kernel),
    "params": Column("parameters", "count", lambda row: row.params),
    "trainable": Column("trainable", "count", lambda row: row.trainable),
    "buffers": Column("buffers", "count", lambda row: row.buffers),
    "dtype": Column("type", "words", lambda row: row.dtype),
    "macs": Column("MACs", "short", lambda row: row.macs),
    "share": Column("share of MACs", "share", lambda row: row.macs, "of MACs"),
    "params_share": Column("share of parameters", "share", lambda row: row.params, "of params"),
    "memory": Column("kept for backward", "bytes", lambda row: row.memory, "kept"),
    "memory_share": Column("share of what is kept", "share", lambda row: row.memory, "of kept"),
    "receptive_field": Column(
        "receptive field", "field", lambda row: (row.receptive_field, row.field_at_most), "field"
    ),
    "calls": Column("calls", "count", lambda row: row.calls),
}
USUAL = ("output", "params", "macs", "share")
RANKED = ("count", "short", "bytes")
# By name: what rows are sorted by, the largest first.
ORDERS: dict[str, Callable[[Layer], Any]] = {
    name: column.value for name, column in COLUMNS.items() if column.form in RANKED
}


def columns() -> dict[str, Column]:
    return COLUMNS


def orders() -> dict[str, Callable[[Layer], Any]]:
    return {**ORDERS, "name": lambda row: row.path}


def usual(rows: list[Layer], depth: int) -> tuple[str, ...]:
    """Return the columns to show where none are asked for: those that have something to say down to there."""
    calls = ["calls"] if any(row.calls > 1 for row in rows if row.depth <= depth) else []
    memory = ["memory"] if any(row.memory for row in rows) else []
    return (*USUAL, *memory, *calls)


def ranked(rows: list[Layer], order: str) -> list[Layer]:
    """Return the rows by one of ``orders``: names by the alphabet, figures with the largest first.

    What is not known comes last.
    """
    if order == "name":
        return sorted(rows, key=lambda row: row.path)
    figure = ORDERS[order]
    return sorted(rows, key=lambda row: -1 if figure(row) is None else figure(row), reverse=True)
