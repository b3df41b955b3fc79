"""Tables with named columns of any type, turned into numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import torch
from pandas.api import types

from nnarch_nb.core.data import Column, free_name
from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.verbs.data.loaded import Loaded, NoTarget
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.targets import as_numbers, targets_of

# More different texts than this make a column a name or a description, not a category.
MOST_LEVELS = 50
FEW_ROWS, ALIKE = 20, 0.9  # nor is what nearly every row has another of; in so few rows that is chance
MISSING = "missing"


def load(
    table: pd.DataFrame, name: str, options: Options, notes: tuple[str, ...] = (), train: int | None = None
) -> Loaded:
    """Return the samples in a table with a target column.

    Parameters
    ----------
    table, name
        The table, and what it is called in messages.
    options
        The target, and what to leave out.
    notes
        What is known of the table already.
    train
        How many rows, from the first on, the encoding is learned from; None takes all.

    Raises
    ------
    NNArchError
        A column that was named is not there, or one cannot become numbers.
    """
    table = named(table, name)
    check_columns(table, name, options)
    if options.text is not None:
        return of_text(table, name, options, notes)
    if options.window is not None or options.horizon is not None:
        from nnarch_nb.verbs.data import forecast

        return forecast.load(table, name, options, notes)
    options.require_only(("target", "drop"), f"{name} without text= or window=")
    table = table.apply(as_numbers)
    targets = targets_of(table, options.targets)
    x, columns, features, told = encoded(table.drop(columns=[*options.targets, *options.drop]), name, train)
    return Loaded(
        name=name,
        x=x,
        y=targets.y,
        kind=targets.kind,
        classes=targets.names,
        features=features,
        columns=columns,
        target=", ".join(options.targets),
        notes=(*notes, *targets.notes, *told),
    )


def check_columns(table: pd.DataFrame, name: str, options: Options) -> None:
    """Refuse names of columns that are not there, and a target that is not named."""
    if table.empty:
        raise NNArchError(f"{name} is empty: it has {len(table):,} rows and {table.shape[1]} columns")
    for option, columns in (
        ("drop", options.drop),
        ("text", [options.text] if options.text is not None else []),
    ):
        for column in columns:
            check_column(column, table.columns, name, option)
    if not options.targets:
        raise NoTarget(
            f"{name} needs target=, the column to predict; columns: {listed(table.columns)}",
            table.columns[-1],
        )
    for column in options.targets:
        check_column(column, table.columns, name, "target")
    twice = {*options.targets} & {*options.drop, options.text}
    if twice:
        raise NNArchError(
            f"{shorten(min(map(str, twice)), 40)!r} is the target and cannot be left out or read as text"
        )


def of_text(table: pd.DataFrame, name: str, options: Options, notes: tuple[str, ...]) -> Loaded:
    """Return one column as text with its targets; the other columns are not used."""
    from nnarch_nb.verbs.data import text

    column = str(options.text)
    options.require_only(("target", "drop", *text.TAKES), "text")
    targets = targets_of(table, options.targets)
    gaps = int(table[column].isna().sum())
    others = [c for c in table.columns if c not in (column, *options.targets, *options.drop)]
    told = [f"{gaps:,} missing texts taken as empty"] if gaps else []
    told += [f"not used besides {column!r}: {listed(others)}"] if others else []
    texts = [value if isinstance(value, str) else str(value) for value in table[column].fillna("")]
    target = ", ".join(options.targets)
    return text.load(texts, targets, name, options, target, notes=(*notes, *targets.notes, *told))


def named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table with its columns' names as text, each of them once."""
    table = table.set_axis([str(column) for column in table.columns], axis=1)
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise NNArchError(f"{name} has more than one column called {shorten(repeated[0], 40)!r}: rename one")
    return table


def listed(names: Iterable[str], most: int = 12) -> str:
    names = [shorten(name, 30) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def check_column(column: str, known: Iterable[str], name: str, option: str) -> None:
    if column not in known:
        raise NNArchError(
            f"{name} has no column {shorten(column, 40)!r} for {option}.{did_you_mean(column, known)} "
            f"Columns: {listed(known)}."
        )


def encoded(
    table: pd.DataFrame, name: str, train: int | None
) -> tuple[torch.Tensor, tuple[Column, ...], tuple[str, ...], tuple[str, ...]]:
    """Return features as numbers (NaN where missing), what they were, their names and what was done."""
    refused = {c: reason for c in table.columns if (reason := refusal(table[c]))}
    if refused:
        reasons = "; ".join(f"{shorten(c, 30)!r} {reason}" for c, reason in list(refused.items())[:4])
        raise NNArchError(
            f"{name} has columns that cannot become numbers: {reasons}. Leave out with drop={[*refused]}"
        )
    empty = [c for c in table.columns if table[c][:train].isna().all()]
    parts = [(c, *column_values(table[c], train)) for c in table.columns if c not in empty]
    if not parts:
        raise NNArchError(f"{name} has no column left besides the target")
    x = torch.from_numpy(np.concatenate([values for _, _, values, _ in parts], axis=1, dtype=np.float64))
    columns = tuple(column for _, column, _, _ in parts)
    hot = [c.name for c in columns if c.kind == "category"]
    notes = [f"one-hot: {listed(hot)}"] if hot else []
    notes += [f"left out, being empty: {listed(empty)}"] if empty else []
    notes += [f"missing is a category of its own: {listed(gaps)}"] if (gaps := gaps_in(columns)) else []
    strange = [c.name for _, c, values, _ in parts if c.kind == "category" and not values.any(axis=1).all()]
    notes += [f"values that train lacks are all zeros: {listed(strange)}"] if strange else []
    return x, columns, tuple(feature for _, _, _, names in parts for feature in names), tuple(notes)


def gaps_in(columns: Iterable[Column]) -> list[str]:
    return [column.name for column in columns if column.kind == "category" and column.missing]


def refusal(column: pd.Series) -> str:
    """Return why a column cannot become numbers, or nothing."""
    if types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
        return "holds dates or times"
    if types.is_complex_dtype(column.dtype):
        return "holds complex numbers"
    if types.is_numeric_dtype(column.dtype):
        return ""
    odd = next((value for value in column.dropna() if not isinstance(value, (str, bool, int, float))), None)
    if odd is not None and not isinstance(column.dtype, pd.CategoricalDtype):
        return f"holds {type(odd).__name__} values"
    texts = column.dropna().astype(str)
    levels = texts.nunique()
    rows = len(texts)
    if levels <= MOST_LEVELS and (rows < FEW_ROWS or levels <= ALIKE * rows):
        return ""
    figures = int(pd.to_numeric(texts, errors="coerce").notna().sum())
    if figures == len(texts):
        return "is text, though all of it reads as numbers (make it so with pandas.to_numeric)"
    mixed = f", {figures:,} of them numbers" if figures else ""
    of = f" in {rows:,} rows" if levels <= MOST_LEVELS else ""
    return f"is text with {levels:,} different values{of}{mixed}"


def column_values(column: pd.Series, train: int | None) -> tuple[Column, np.ndarray, list[str]]:
    """Return what a column is, its features ``(n, width)`` and their names.

    A value that the first ``train`` rows lack has no feature, so that nothing is learned from the others.
    """
    name, missing = str(column.name), int(column.isna().sum())
    if types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(np.float64, na_value=np.nan).reshape(-1, 1)
        kind: Any = "yes/no" if types.is_bool_dtype(column.dtype) else "integer"
        if kind == "integer" and not (values[~np.isnan(values)] == np.round(values[~np.isnan(values)])).all():
            kind = "number"
        return Column(name, kind, missing), values, [name]
    texts = column.dropna().astype(str)
    gap = free_name(MISSING, set(texts))
    texts = texts.reindex(column.index, fill_value=gap)
    levels = sorted(set(texts[:train]))
    hot = pd.Index(levels).get_indexer(texts)[:, None] == np.arange(len(levels))
    return Column(name, "category", missing, len(levels)), hot, [f"{name}={level}" for level in levels]
