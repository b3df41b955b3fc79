"""Language models by counting: how often a token occurs, and how often it follows another."""

from __future__ import annotations

from collections.abc import Iterator

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
        yield from super().steps(train)
        real = train.y >= 0
        pairs = torch.stack([train.x[real], train.y[real]])
        size = (max(self.tokens, int(train.x.max()) + 1), self.tokens)
        self.pairs = torch.sparse_coo_tensor(pairs, torch.ones(pairs.shape[1]), size).coalesce()
        self.totals = train.x[real].bincount(minlength=size[0]).float()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        seen = x.flatten().clamp(max=len(self.totals) - 1)
        rows = self.pairs.index_select(0, seen).to_dense()
        totals = self.totals[seen][:, None]
        mixed = torch.where(
            totals > 0, (1 - SHARE) * rows / totals.clamp(min=1) + SHARE * self.shares, self.shares
        )
        return mixed.log().reshape(*x.shape, self.tokens)
