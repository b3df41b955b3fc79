"""Tables of polars and pyarrow as those of pandas, which every other part of ``data`` reads."""

from __future__ import annotations

from typing import Any


def in_pandas(source: Any) -> Any:
    """Return a table or column of another library as one of pandas, also in pairs and dicts; else the source.

    Neither library is imported: what is not there makes no tables.
    """
    library, kind = type(source).__module__.partition(".")[0], type(source).__name__
    if library == "polars" and kind in ("DataFrame", "LazyFrame", "Series"):
        return of_polars(source.collect() if kind == "LazyFrame" else source)
    if library == "pyarrow" and hasattr(source, "to_pandas"):
        return source.to_pandas()
    if type(source) in (tuple, list) and len(source) <= 6:
        return type(source)(in_pandas(part) for part in source)
    if type(source) is dict:
        return {key: in_pandas(part) for key, part in source.items()}
    return source


def of_polars(table: Any) -> Any:
    """Return a table or column by its values: the way that polars has itself needs pyarrow."""
    import pandas as pd

    if not hasattr(table, "columns"):
        return pd.Series(values_of(table), name=table.name or None)
    return pd.DataFrame({name: values_of(table[name]) for name in table.columns})


def values_of(column: Any) -> Any:
    plain = column.dtype.is_numeric() and not column.null_count()
    return column.to_numpy() if plain else column.to_list()
