"""The samples that models are fitted to and measured on; never the test split.

Where the data has no validation split, a fifth of the training split is held out instead, copies of a
sample kept together; of data in order of time the last fifth, and no window reaches across.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.rng import generator
from nnarch_nb.verbs.data.split import copies_of, cut

HELD_OUT = 0.2
LEAST = 5  # samples, below which there is nothing to hold out


@dataclass(frozen=True)
class Arena:
    """Where models meet.

    Attributes
    ----------
    data
        The data with these splits as its own and without a test split.
    words
        How the validation samples were chosen.
    """

    data: Data
    words: str

    @property
    def train(self) -> Split:
        return self.data.train

    @property
    def val(self) -> Split:
        return self.data.val


def arena(data: Data, seed: int) -> Arena:
    """Return the splits to measure with; ``val`` is empty where there are too few samples."""
    none = Split(data.train.x[:0], data.train.y[:0])
    if len(data.val):
        return Arena(replace(data, test=none), "the validation split")
    if len(data.train) < LEAST:
        return Arena(replace(data, test=none), "nothing: there are too few samples to hold any out")
    train, val = held_out(data, seed)
    found = replace(data, train=part(data.train, train), val=part(data.train, val), test=none)
    how = "the last fifth" if in_order(data) else "a fifth"
    return Arena(found, f"{how} of the training split, as there is no validation split")


def in_order(data: Data) -> bool:
    return data.forecast is not None or data.kind == "next-token"


def held_out(data: Data, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rows that train and those held out."""
    n = len(data.train)
    if in_order(data):
        start = n - max(1, round(n * HELD_OUT))
        across = data.forecast.window + data.forecast.horizon - 1 if data.forecast is not None else 0
        rows = torch.arange(n)
        return rows[: max(1, start - across)], rows[start:]
    labels = data.train.y.numpy() if data.kind == "classification" else np.zeros(n, int)
    parts = cut(np.arange(n), labels, copies_of(data.train.x), {"val": HELD_OUT}, seed).rows
    return torch.from_numpy(parts["train"]), torch.from_numpy(parts["val"])


def part(split: Split, rows: torch.Tensor) -> Split:
    return Split(split.x[rows], split.y[rows])


def fewer(split: Split, n: int, seed: int, ordered: bool) -> Split:
    """Return ``n`` of the samples: drawn at random, or the newest where there is an order."""
    if n >= len(split):
        return split
    rows = torch.arange(len(split) - n, len(split)) if ordered else draw(len(split), n, seed)
    return part(split, rows)


def draw(n: int, count: int, seed: int) -> torch.Tensor:
    return torch.randperm(n, generator=generator(seed))[:count].sort().values
