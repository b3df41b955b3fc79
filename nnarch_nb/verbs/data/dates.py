"""The column of a table that holds its time: found, sorted by, and looked through for gaps."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
from pandas.api import types

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data.several import refuse_several

DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d", "%m/%Y", "%m.%Y",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%b %Y", "%B %Y",
)  # fmt: skip
FORMS = ("ISO8601", *(f"{day}{time}" for time in ("", " %H:%M", " %H:%M:%S") for day in DAYS))
SEPARATED = re.compile(r"\d[-/.: ]|[-/.: ]\d")  # what a date as text has
MOSTLY = 0.5  # of a column that reads as dates: it is one, with slips
GAP = 1.5  # usual steps between two rows, from which on something is missing between them


def in_order(
    table: pd.DataFrame, targets: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Return the table by time, without its columns of dates, the time of each row, and what was done.

    Raises
    ------
    NNArchError
        A row has no date, or rows of one time belong to several series.
    """
    if isinstance(table.index, pd.MultiIndex):  # as of series by name and time
        table = table.reset_index()
    dates = {
        str(c): stamps
        for c in table.columns
        if c not in targets and (stamps := as_dates(table[c])) is not None
    }
    if not isinstance(table.index, pd.RangeIndex):
        stamps = as_dates(pd.Series(table.index, name=table.index.name or "index"))
        dates = {str(table.index.name or "index"): stamps, **dates} if stamps is not None else dates
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
    refuse_several(table, stamps, name, targets)
    notes += (
        [f"{', '.join(map(repr, list(dates)[1:]))} holds dates too and was left out"]
        if len(dates) > 1
        else []
    )
    return table, written(stamps), (", ".join(notes), *gaps_note(stamps))


def as_dates(column: pd.Series) -> pd.Series | None:
    """Return a column as dates if it holds them, or text or numbers of eight digits that all read as dates.

    Raises
    ------
    NNArchError
        Text reads as dates in two ways, or but for a few rows.
    """
    if types.is_datetime64_any_dtype(column.dtype):
        return column
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    known = column.dropna()
    if not len(known):
        return None
    if isinstance(known.iloc[0], date):
        return pd.to_datetime(column, errors="coerce")
    if types.is_integer_dtype(column.dtype):
        return compact(column)
    if not isinstance(known.iloc[0], str) or not SEPARATED.search(known.iloc[0]):
        return None
    return read(column, known)


def compact(column: pd.Series) -> pd.Series | None:
    """Return numbers such as 20240131 as dates, if all of them are some."""
    if column.isna().any() or not column.between(1_000_01_01, 2999_12_31).all():
        return None
    stamps = pd.to_datetime(column.astype(str), format="%Y%m%d", errors="coerce")
    return None if stamps.isna().any() else stamps


def read(column: pd.Series, known: pd.Series) -> pd.Series | None:
    """Return text as the dates it reads as; None where it is something else."""
    stamps = {form: parsed(known, form) for form in FORMS if reads(known.iloc[0], form)}
    whole = {form: found for form, found in stamps.items() if found.notna().all()}
    ways = {tuple(found.astype("int64")): form for form, found in whole.items()}
    if len(ways) > 1:
        one, other = (spelled(form) for form in list(ways.values())[:2])
        raise NNArchError(
            f"{str(column.name)!r} reads as dates in two ways, {one} and {other}: write them as 2024-01-31"
        )
    if whole:
        return next(iter(whole.values())).reindex(column.index)
    most = max(stamps.values(), key=lambda found: found.notna().sum(), default=None)
    if most is None or most.notna().mean() < MOSTLY:
        return None
    odd = known[most.isna()]
    raise NNArchError(
        f"{str(column.name)!r} holds dates but {len(odd):,} of its rows read as none, such as "
        f"{shorten(repr(odd.iloc[0]), 40)}: mend or drop them"
    )


def parsed(texts: pd.Series, form: str) -> pd.Series:
    """Return texts as dates, NaT where one does not read as such; of several offsets, in UTC."""
    try:
        return pd.to_datetime(texts, format=form, errors="coerce")
    except ValueError:
        return pd.to_datetime(texts, format=form, errors="coerce", utc=True)


def reads(text: str, form: str) -> bool:
    try:
        pd.to_datetime(text, format=form)
    except (ValueError, OverflowError):
        return False
    return True


def spelled(form: str) -> str:
    """Return a form as a reader writes it.

    Examples
    --------
    >>> spelled("%d/%m/%Y")
    'day/month/year'
    """
    words = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year", "%b": "month", "%B": "month"}
    words |= {"%H": "hour", "%M": "minute", "%S": "second"}
    return re.sub(r"%\w", lambda part: words[part[0]], form)


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
