"""Language models by counting: how often a token occurs, and how often it follows another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from nnarch_nb.core.data import Data, Split

SHARE = 0.1  # of a bigram's estimate that comes from single tokens (F. Jelinek, R. Mercer, 1980)
PAD = 0


class Unigram:
    """The share of each token, whatever came before it."""

    def __init__(self, data: Data) -> None:
        self.tokens = data.outputs

    def steps(self, train: Split) -> Iterator[str]:
        """Count."""
        y = train.y[train.y >= 0]
        counts = y.bincount(minlength=self.tokens).double() + 1e-3
        self.shares = (counts / counts.sum()).float()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        return self.shares.log().expand(*x.shape, self.tokens)


class Bigram(Unigram):
    """The share of each token after the one before it, mixed with its share anywhere."""

    def steps(self, train: Split) -> Iterator[str]:
        """Count pairs."""
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

        list(super().steps(train))
        real = train.y >= 0
        first, after = train.x[real], train.y[real]
        size = (max(self.tokens, int(train.x.max()) + 1), self.tokens)
        ones = np.ones(len(first), np.float32)
        self.pairs = csr_matrix((ones, (first.numpy(), after.numpy())), shape=size)
        self.totals = first.bincount(minlength=size[0]).float()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        seen = x.flatten().clamp(max=len(self.totals) - 1)
        rows = torch.from_numpy(self.pairs[seen.numpy()].toarray())
        totals = self.totals[seen][:, None]
        mixed = torch.where(
            totals > 0, (1 - SHARE) * rows / totals.clamp(min=1) + SHARE * self.shares, self.shares
        )
        return mixed.log().reshape(*x.shape, self.tokens)
