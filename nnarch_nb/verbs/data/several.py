"""Several series in one table: windows over their rows as they follow in time would mix them.

The next row is then that of another series at the same time, and often the answer itself. So such a table
is refused, with the column that tells the series apart and how to forecast one of them or all.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pandas as pd
from pandas.api import types

from nnarch_nb.errors import NNArchError, shorten

FILLED = 0.5  # of the places of every series at every time, from which on they are series
SHARED = 1.5  # rows a time, from which on that is no slip, such as the hour that a clock runs twice
MOST = 12  # columns that are tried, also in twos


def refuse_several(table: pd.DataFrame, stamps: pd.Series, time: str, targets: tuple[str, ...]) -> None:
    """Raise if rows share their times because they belong to different series.

    Parameters
    ----------
    table, stamps
        Rows and their times.
    time
        What the column of times is called.
    targets
        Columns to forecast, which tell nothing apart.

    Raises
    ------
    NNArchError
        One column, or two together, name every row of a time once.
    """
    if len(stamps) < SHARED * stamps.nunique():
        return
    columns = [c for c in table.columns if c not in targets and may_name(table[c])][:MOST]
    for names in (*((c,) for c in columns), *combinations(columns, 2)):
        if told_apart(table, stamps, names):
            raise NNArchError(message(table, names, time, targets))


def may_name(column: pd.Series) -> bool:
    """Tell whether a column may hold names of series: text, categories or whole numbers."""
    if not types.is_float_dtype(column.dtype):
        return not types.is_numeric_dtype(column.dtype) or types.is_integer_dtype(column.dtype)
    return bool((column.dropna() % 1 == 0).all())


def told_apart(table: pd.DataFrame, stamps: pd.Series, names: Iterable[str]) -> bool:
    """Tell whether these columns name every row of a time once, and mostly the same at every time."""
    keys = table[list(names)].astype(str).assign(**{"\0time": stamps})
    if keys.duplicated().any():
        return False
    series = len(keys.drop(columns="\0time").drop_duplicates())
    return series > 1 and len(keys) >= FILLED * series * stamps.nunique()


def message(table: pd.DataFrame, names: tuple[str, ...], time: str, targets: tuple[str, ...]) -> str:
    quoted = [repr(shorten(name, 40)) for name in names]
    count = len(table[list(names)].drop_duplicates())
    first = [shorten(repr(table[name].iloc[:1].tolist()[0]), 30) for name in names]
    parts = [f"df[{name}] == {value}" for name, value in zip(quoted, first, strict=True)]
    one = parts[0] if len(parts) == 1 else " & ".join(f"({part})" for part in parts)
    together = quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"
    return (
        f"the table holds {count:,} series, told apart by {' and '.join(quoted)}, and windows would mix "
        f"them: take one, as df[{one}], or have a column of each, as "
        f"df.pivot(index={time!r}, columns={together}, values={targets[0]!r})"
    )
