"""A table in order of time as windows, each with the next values of the columns to forecast.

Splits follow one another, the last rows held out, and no window reaches across two of them. A value that
is missing is taken over from the row before, which alone would be known at that time; a window whose
targets are missing is left out, as nothing could be learned or measured there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import torch
from pandas.api import types

from nnarch_nb.core.data import Forecast
from nnarch_nb.core.room import check_room
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import frame
from nnarch_nb.verbs.data.dates import in_order
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.targets import as_numbers

TAKES = ("target", "drop", "window", "horizon")
WINDOW = 24


def load(table: pd.DataFrame, name: str, options: Options, notes: tuple[str, ...] = ()) -> Loaded:
    """Return windows of a table with the ``horizon`` next values of its targets.

    Raises
    ------
    NNArchError
        A target is no column of numbers, or a split is shorter than a window and its horizon.
    """
    options.require_only(TAKES, "a forecast")
    table = frame.named(table, name)
    frame.check_columns(table, name, options)
    table, times, told = in_order(table.drop(columns=list(options.drop)), options.targets)
    rows = parts_of(len(table), options)
    window, horizon = options.window or WINDOW, options.horizon or 1
    check_long_enough(rows, window + horizon, name)
    y = targets_of(table, options.targets)
    values, _, channels, made = frame.encoded(table.apply(as_numbers), name, rows["train"][1])
    check_finite(values, y, channels, options.targets)
    values, filled = carried(values, rows)
    many = 2 * len(table) * window * len(channels)  # in double, until they are scaled
    check_room(many, f"{len(table):,} windows of {window} steps", "lower window=")
    starts, left = starts_of(y, rows, window, horizon)
    order = np.concatenate(list(starts.values()))
    x = values[torch.from_numpy(order[:, None] + np.arange(window))]
    ahead = torch.from_numpy(y)[torch.from_numpy(order[:, None] + np.arange(window, window + horizon))]
    return Loaded(
        name=name,
        x=x,
        y=ahead.flatten(1),
        kind="regression",
        classes=tuple(f"{target} +{step}" for step in range(1, horizon + 1) for target in options.targets),
        target=", ".join(options.targets),
        given={split: len(part) for split, part in starts.items()},
        cut=(),
        in_order=True,
        channels=channels,
        forecast=Forecast(options.targets, window, horizon, torch.from_numpy(y), rows, times),
        notes=(*notes, *told, *split_note(rows, times), *made, *filled, *left),
    )


def parts_of(count: int, options: Options) -> dict[str, tuple[int, int]]:
    """Return first row and end of each split that is asked for."""
    end = count - round(count * options.test)
    start = end - round(count * options.val)
    parts = {"train": (0, start), "val": (start, end), "test": (end, count)}
    return {name: part for name, part in parts.items() if name == "train" or getattr(options, name)}


def check_long_enough(rows: dict[str, tuple[int, int]], needed: int, name: str) -> None:
    for split, (start, end) in rows.items():
        if end - start < needed:
            cure = "" if split == "train" else f", a larger {split}= or {split}=0"
            raise NNArchError(
                f"{name} has {end - start:,} rows for {split}, and a window with its horizon takes "
                f"{needed:,}: give a smaller window= or horizon=, more rows{cure}"
            )


def targets_of(table: pd.DataFrame, names: Iterable[str]) -> np.ndarray:
    """Return the columns to forecast ``(rows, targets)``, NaN where a value is missing."""
    columns = []
    for name in names:
        column = as_numbers(table[name])
        if not types.is_numeric_dtype(column.dtype):
            raise NNArchError(
                f"the target {shorten(name, 40)!r} is no column of numbers, which alone can be forecast"
            )
        columns.append(column.to_numpy(np.float32, na_value=np.nan))
    return np.stack(columns, axis=1)


def check_finite(
    values: torch.Tensor, y: np.ndarray, channels: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    """Refuse what is infinite, by the name of its column, of which windows know nothing any more."""
    infinite = [*np.array(channels)[values.isinf().any(0).numpy()], *np.array(targets)[np.isinf(y).any(0)]]
    if infinite:
        raise NNArchError(
            f"the column {shorten(infinite[0], 40)!r} holds infinite values: remove or replace them"
        )


def carried(values: torch.Tensor, rows: dict[str, tuple[int, int]]) -> tuple[torch.Tensor, tuple[str, ...]]:
    """Return channels in which each missing value is the last known before, within its split.

    At the beginning of a split, where nothing is known before, it is the first known after.
    """
    count = int(values.isnan().sum())
    if not count:
        return values, ()
    parts = [pd.DataFrame(values[start:end].numpy()).ffill().bfill() for start, end in rows.values()]
    filled = pd.concat(parts).to_numpy(np.float64, copy=True)
    if np.isnan(filled).any():
        raise NNArchError("a column holds no value in one of the splits: leave it out with drop=")
    return torch.from_numpy(filled), (
        f"{count:,} missing values in the windows taken over from the row before",
    )


def starts_of(
    y: np.ndarray, rows: dict[str, tuple[int, int]], window: int, horizon: int
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the first row of each window of every split, and how many were left out."""
    gone = np.concatenate([[0], np.isnan(y).any(axis=1).cumsum()])
    starts: dict[str, Any] = {}
    left = 0
    for split, (start, end) in rows.items():
        first = np.arange(start, end - window - horizon + 1)
        whole = gone[first + window + horizon] == gone[first + window]
        starts[split] = first[whole]
        left += int((~whole).sum())
        if not whole.any():
            raise NNArchError(
                f"no window of {split} has all of its next {horizon} values: lower horizon= or fill gaps"
            )
    return starts, (f"{left:,} windows left out, as a value to forecast is missing",) if left else ()


def split_note(rows: dict[str, tuple[int, int]], times: tuple[str, ...]) -> tuple[str, ...]:
    def begin(row: int) -> str:
        return times[row] if times else f"row {row:,}"

    parts = [f"{split} from {begin(start)}" for split, (start, _) in rows.items() if split != "train"]
    how = f"cut in order of time, {', '.join(parts)}; " if parts else ""
    return (f"{how}no window lies in two splits, and neighbours in one overlap",)
