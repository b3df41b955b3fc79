"""The target columns of a table: classes, labels or numbers, by what the columns hold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd
import torch
from pandas.api import types

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import labels, lists
from nnarch_nb.verbs.data.labels import Targets


def targets_of(table: pd.DataFrame, names: tuple[str, ...]) -> Targets:
    """Return one target, or several: columns of 0 and 1 are labels, of other numbers outputs."""
    if len(names) == 1:
        return target_of(as_numbers(table[names[0]]), names[0])
    columns = [as_numbers(table[name]) for name in names]
    for name, column in zip(names, columns, strict=True):
        if not types.is_numeric_dtype(column.dtype):
            raise NNArchError(
                f"several targets must all be numbers, and {shorten(name, 40)!r} holds {column.dtype}"
            )
        if column.isna().any():
            target_of(column, name)  # says how many, and what to do
    y = np.stack([column.to_numpy(np.float64) for column in columns], axis=1)
    if labels.is_binary(y):
        return labels.several(y, names, ", ".join(names))
    return replace(labels.encode(y, ", ".join(names)), names=names)


def target_of(column: pd.Series, name: str) -> Targets:
    gaps = int(column.isna().sum())
    if gaps:
        raise NNArchError(
            f"{gaps:,} of {len(column):,} rows have no target in {name!r}: drop them first, "
            f"as with df.dropna(subset=[{name!r}])"
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
        names = tuple(str(level) for level in column.cat.categories)
        return Targets(torch.from_numpy(column.cat.codes.to_numpy(np.int64)), "classification", names)
    if types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
        whole = types.is_integer_dtype(column.dtype)
        return labels.encode(column.to_numpy(np.int64 if whole else np.float64), name, few=labels.FEW)
    if types.is_datetime64_any_dtype(column.dtype):
        raise NNArchError(
            f"the target {name!r} holds dates: make it a number to predict, such as days since a start"
        )
    plain = column if lists.is_listed(column) else column.astype(str)
    return labels.encode(plain.to_numpy(object), name)


def as_numbers(column: pd.Series) -> pd.Series:
    """Return a column of Python objects that are all numbers as one of numbers, any other as it is."""
    if types.is_bool_dtype(column.dtype) and not types.is_numeric_dtype(column.dtype):
        return column.astype("boolean")  # that of pyarrow, which pandas calls no number
    if column.dtype != object or column.isna().all():
        return column
    plain = all(
        isinstance(value, Real | Decimal) and not isinstance(value, bool) for value in column.dropna()
    )
    return pd.to_numeric(column) if plain else column
