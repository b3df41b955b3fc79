"""What every source hands over: raw samples, whole, neither split nor normalized."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from nnarch_nb.core.data import Column, Forecast, Kind, Vocabulary
from nnarch_nb.errors import NNArchError


class NoTarget(NNArchError):
    """A table without a word of what to predict; ``column`` is one that could be it."""

    def __init__(self, told: str, column: str) -> None:
        super().__init__(told)
        self.column = column


@dataclass(frozen=True)
class Loaded:
    """Raw samples.

    Attributes
    ----------
    name
        What the data is called.
    x
        Raw values ``(n, *shape)``; integers where they are tokens or pixels. NaN stands for a missing
        value in the columns of a table and in a series, where it is padding after the end.
    y
        As in ``Split``; ``x`` itself where samples are to be given back.
    kind, classes, features, columns, target, vocabulary, channels, forecast
        As in ``Data``.
    bounds
        Smallest and largest value possible; None takes what training shows.
    given
        How many rows, in this order, belong to each split; empty means all to ``train``.
    cut
        The splits that are still to be cut from the rows of ``train``.
    in_order
        Whether the splits follow one another in time, or in a text.
    texts
        The tokens of each sample, whose ids can only be told once the training split is known; ``x`` is
        empty until then.
    notes
        What the source did that a reader should know.
    """

    name: str
    x: torch.Tensor
    y: torch.Tensor
    kind: Kind
    classes: tuple[str, ...]
    bounds: tuple[float, float] | None = None
    features: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    target: str = "target"
    given: dict[str, int] = field(default_factory=dict)
    cut: tuple[str, ...] = ("val", "test")
    in_order: bool = False
    texts: tuple[tuple[str, ...], ...] = ()
    vocabulary: Vocabulary | None = None
    channels: tuple[str, ...] = ()
    forecast: Forecast | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_table(self) -> bool:
        return self.x.ndim == 2 and not self.is_tokens

    @property
    def is_image(self) -> bool:
        return self.x.ndim == 4

    @property
    def is_series(self) -> bool:
        return self.x.ndim == 3 and not self.is_tokens

    @property
    def is_tokens(self) -> bool:
        return self.x.dtype == torch.int64

    def rows(self) -> dict[str, np.ndarray]:
        """Return the row numbers of every split, those not given empty."""
        rows, start = {name: np.arange(0) for name in ("train", "val", "test")}, 0
        for name, count in (self.given or {"train": len(self.x)}).items():
            rows[name] = np.arange(start, start + count)
            start += count
        return rows


def check_lengths(x: Sized, y: Sized, where: str = "") -> None:
    if len(x) != len(y):
        raise NNArchError(
            f"x{where} has {len(x):,} rows but y{where} has {len(y):,}: every sample needs one target"
        )
    if len(x) == 0:
        raise NNArchError(f"x{where} is empty: there is no sample in it")


def check_order(x: Any, y: Any) -> None:
    """Refuse targets whose rows are named as those of the samples, in another order.

    Raises
    ------
    NNArchError
        Taken by their places, samples would get the targets of others.
    """
    if not (hasattr(x, "iloc") and hasattr(y, "iloc")) or x.index.equals(y.index):
        return
    named = x.index.is_unique and y.index.is_unique and len(x) == len(y)
    if named and x.index.isin(y.index).all():
        raise NNArchError(
            "the rows of x and y have the same names in another order: sort y as x, y.loc[x.index], or take "
            "them by their places, y.reset_index(drop=True)"
        )


def number_columns(names: Iterable[str], values: np.ndarray) -> tuple[Column, ...]:
    """Return a description of columns of numbers."""
    whole = (values == np.round(values)).all(axis=0)
    return tuple(Column(n, "integer" if w else "number") for n, w in zip(names, whole, strict=True))
