"""The column of a table that holds its time: found, sorted by, and looked through for gaps."""

from __future__ import annotations

import pandas as pd
from pandas.api import types

from nnarch_nb.errors import NNArchError

GAP = 1.5  # usual steps between two rows, from which on something is missing between them


def in_order(
    table: pd.DataFrame, targets: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Return the table by time, without its columns of dates, the time of each row, and what was done."""
    dates = {
        str(c): stamps
        for c in table.columns
        if c not in targets and (stamps := as_dates(table[c])) is not None
    }
    if isinstance(table.index, pd.DatetimeIndex):
        dates = {str(table.index.name or "index"): pd.Series(table.index), **dates}
    table = table.drop(columns=[c for c in dates if c in table.columns]).reset_index(drop=True)
    if not dates:
        return table, (), ("no column of dates was found: rows are taken in the order they have",)
    name, stamps = next(iter(dates.items()))
    stamps = stamps.reset_index(drop=True)
    if stamps.isna().any():
        raise NNArchError(f"{int(stamps.isna().sum()):,} rows have no date in {name!r}: drop them first")
    notes = [f"time is {name!r}"]
    if not stamps.is_monotonic_increasing:
        order = stamps.argsort(kind="stable")
        table, stamps = table.iloc[order].reset_index(drop=True), stamps.iloc[order].reset_index(drop=True)
        notes.append("rows sorted by it")
    notes += (
        [f"{', '.join(map(repr, list(dates)[1:]))} holds dates too and was left out"]
        if len(dates) > 1
        else []
    )
    return table, written(stamps), (", ".join(notes), *gaps_note(stamps))


def as_dates(column: pd.Series) -> pd.Series | None:
    """Return a column as dates if it holds them, or text that all reads as dates; numbers never do."""
    if types.is_datetime64_any_dtype(column.dtype):
        return column
    if types.is_numeric_dtype(column.dtype) or not isinstance(column.iloc[0], str):
        return None
    if not any(mark in column.iloc[0] for mark in "-/.:"):
        return None
    try:
        return pd.to_datetime(column, format="ISO8601")
    except (ValueError, TypeError, OverflowError):
        return None


def written(stamps: pd.Series) -> tuple[str, ...]:
    days = bool((stamps == stamps.dt.normalize()).all())
    return tuple(stamps.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S"))


def gaps_note(stamps: pd.Series) -> tuple[str, ...]:
    """Say where rows are missing, or share their time."""
    steps = stamps.diff().iloc[1:]
    if not len(steps):
        return ()
    apart = steps[steps > pd.Timedelta(0)]
    same = len(steps) - len(apart)
    notes = [f"{same:,} rows have the time of the row before"] if same else []
    wide = apart[apart > GAP * apart.median()]
    if len(wide):
        gaps = "a gap" if len(wide) == 1 else f"{len(wide):,} gaps"
        notes.append(
            f"{gaps} in time, the longest {span(wide.max())} where {span(apart.median())} is usual: "
            f"windows take rows as if evenly spaced"
        )
    return tuple(notes)


def span(time: pd.Timedelta) -> str:
    """Return a span of time, without the hours of whole days.

    Examples
    --------
    >>> span(pd.Timedelta(days=7)), span(pd.Timedelta(minutes=90))
    ('7 days', '01:30:00')
    """
    return str(time).removesuffix(" 00:00:00").removeprefix("0 days ")
