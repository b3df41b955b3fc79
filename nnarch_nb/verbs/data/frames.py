"""Features in DataFrames with their targets beside them: ``(X, y)`` and ``(X, y, X_val, y_val)``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nnarch_nb.core.data import free_name
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data import frame, labels
from nnarch_nb.verbs.data.loaded import Loaded, check_lengths, check_order
from nnarch_nb.verbs.data.options import Options


def load(pairs: dict[str, tuple[Any, Any, tuple[str, ...]]], options: Options, whole: bool) -> Loaded:
    """Return the samples of all splits, encoded as one table so that their columns agree."""
    order: list[str] = [split for split in ("train", "val", "test") if split in pairs]
    target = target_name(*pairs[order[0]][:2])
    tables = [with_target(*pairs[split][:2], target, split) for split in order]
    if any(set(table.columns) != set(tables[0].columns) for table in tables):
        raise NNArchError("the tables of the splits differ in their columns: give all the same")
    given = {split: len(table) for split, table in zip(order, tables, strict=True)}
    together = pd.concat(tables, ignore_index=True)
    loaded = frame.load(together, "table", replace(options, targets=(target,)), train=given.get("train"))
    return replace(loaded, given=given, cut=("val", "test") if whole else ())


def target_name(x: Any, y: Any) -> str:
    name = getattr(y, "name", None) or next(iter(getattr(y, "columns", [])), None) or "target"
    return free_name(str(name), set(map(str, x.columns)) if hasattr(x, "columns") else set())


def with_target(x: Any, y: Any, target: str, split: str) -> pd.DataFrame:
    if not isinstance(x, pd.DataFrame):
        raise NNArchError(
            f"x of {split} is a {type(x).__name__} where another split has a DataFrame: use one kind"
        )
    y = y.iloc[:, 0] if isinstance(y, pd.DataFrame) and y.shape[1] == 1 else y
    values = y.array if isinstance(y, pd.Series) else labels.as_array(y, "y")
    if np.ndim(values) == 2 and np.shape(values)[1] == 1:
        values = np.asarray(values)[:, 0]
    if np.ndim(values) != 1:
        raise NNArchError("a table takes one target per row; give x as an array for several")
    check_lengths(x, values, "" if split == "train" else f"_{split}")
    check_order(x, y)
    return x.reset_index(drop=True).assign(**{target: values})
