"""Columns of a table, their figures in raw units over the training split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from nnarch_nb.core.data import Column, Data
from nnarch_nb.errors import shorten
from nnarch_nb.views import numbers
from nnarch_nb.views.data_charts import amount
from nnarch_nb.views.data_shown import shown


@dataclass(frozen=True)
class ColumnRow:
    """One column of a table."""

    name: str
    kind: str
    low: str
    mean: str
    high: str
    missing: str


def column_rows(data: Data) -> list[ColumnRow]:
    if not data.columns:
        return []
    raw = data.raw(shown(data)[1].x)
    return [column_row(column, raw[:, part]) for column, part in placed(data.columns)]


def placed(table: tuple[Column, ...]) -> Iterator[tuple[Column, slice]]:
    start = 0
    for column in table:
        yield column, slice(start, start + column.width)
        start += column.width


def column_row(column: Column, values: torch.Tensor) -> ColumnRow:
    name, missing = shorten(column.name, 40), numbers.count(column.missing)
    if column.kind == "category":
        none = numbers.NONE
        return ColumnRow(name, f"category of {column.width}", none, none, none, missing)
    low, mean, high = (amount(float(f(values))) for f in (torch.min, torch.mean, torch.max))
    return ColumnRow(name, column.kind, low, mean, high, missing)
