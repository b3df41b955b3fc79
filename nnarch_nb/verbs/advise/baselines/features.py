"""What a simple model is given of a sample: a row of numbers, by the form of the data, one entry each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnarch_nb.core.data import Data, Split

HASHED = 2**18  # places for pairs of tokens: two pairs of 10,000 words rarely share one
OFTEN = 2  # texts that a token or pair must occur in to count
SERIES = ("mean", "deviation", "least", "most", "first", "last", "mean step", "length")


class Features:
    """Turn samples into rows; what it learns of the training split it keeps."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.rows: Callable[[Tensor], Any] = MAKERS.get(data.form, flat)
        if data.forecast is not None:
            self.rows = flat

    def learn(self, x: Tensor) -> Any:
        """Return the rows of the training samples, each column of mean 0 and deviation 1."""
        rows = self.rows(x)
        if self.data.form == "tokens":
            from sklearn.feature_extraction.text import TfidfTransformer

            self.kept = np.flatnonzero(rows.getnnz(0) >= min(OFTEN, len(x)))
            self.tfidf = TfidfTransformer(sublinear_tf=True)
            return self.tfidf.fit_transform(rows[:, self.kept])
        self.mean, deviation = rows.mean(0), rows.std(0)
        self.deviation = np.where(deviation > 1e-6, deviation, 1)
        return (rows - self.mean) / self.deviation

    def of(self, x: Tensor) -> Any:
        """Return the rows of other samples in the same way."""
        rows = self.rows(x)
        if self.data.form == "tokens":
            return self.tfidf.transform(rows[:, self.kept])
        return (rows - self.mean) / self.deviation


def flat(x: Tensor) -> np.ndarray:
    return x.flatten(1).double().nan_to_num().numpy()


def summaries(x: Tensor) -> np.ndarray:
    """Return figures of each channel over its real steps, ``(n, channels · 7 + 1)``."""
    values = x.double()
    real = ~values.isnan()
    count = real.sum(1)
    ends = Split(x, x).lengths.clamp(min=1)
    rows = torch.arange(len(x))
    parts = [
        values.nanmean(1),
        (values - values.nanmean(1, keepdim=True)).square().nanmean(1).sqrt(),
        values.where(real, torch.inf).amin(1),
        values.where(real, -torch.inf).amax(1),
        values[:, 0],
        values[rows, ends - 1],
        values.diff(dim=1).abs().nanmean(1) if x.shape[1] > 1 else torch.zeros_like(count).double(),
        ends[:, None].double(),
    ]
    return torch.cat([part.nan_to_num(0, 0, 0) for part in parts], 1).numpy()


def counts(x: Tensor) -> Any:
    """Return how often each token and each pair of neighbours occurs, as a sparse matrix."""
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    tokens = x.numpy()
    pairs = (tokens[:, :-1] * 1_000_003 + tokens[:, 1:]) % HASHED
    real = tokens != 0
    both = real[:, :-1] & real[:, 1:]
    row, column = np.nonzero(real)
    pair_row, pair_column = np.nonzero(both)
    places = np.concatenate([HASHED + tokens[row, column] % HASHED, pairs[pair_row, pair_column]])
    rows = np.concatenate([row, pair_row])
    ones = np.ones(len(rows))
    return csr_matrix((ones, (rows, places)), shape=(len(x), 2 * HASHED))


MAKERS: dict[str, Callable[[Tensor], Any]] = {"series": summaries, "tokens": counts}
NAMES = {
    "table": "the columns",
    "image": "raw pixels",
    "array": "raw values",
    "series": "figures of each channel",
    "forecast": "the window",
    "tokens": "tf-idf of tokens and pairs",
}


def named(form: str, forecast: bool) -> str:
    """Return what a model of such data is given, in words."""
    return NAMES["forecast" if forecast else form]


def width(form: str, shape: tuple[int, ...], values: float, forecast: bool) -> float:
    """Return how many numbers a row has that are not 0."""
    if form == "series" and not forecast:
        return 7 * shape[-1] + 1
    return 2 * values if form == "tokens" else float(np.prod(shape))


def quiet() -> warnings.catch_warnings:
    """Return a context without the warnings of fits that are cut short on purpose."""
    return warnings.catch_warnings(action="ignore")


def doubled(most: int, first: int = 1) -> Iterator[int]:
    """Yield totals that double up to ``most``: so the last step takes as long as all before it.

    Examples
    --------
    >>> list(doubled(10, 2))
    [2, 4, 8, 10]
    """
    total = first
    while total < most:
        yield total
        total *= 2
    yield most
