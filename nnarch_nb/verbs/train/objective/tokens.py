"""The next token at every step of a text: cross-entropy and accuracy over the real steps, perplexity."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.data import IGNORED
from nnarch_nb.verbs.train.objective.counted import Counted, cross_entropies, per_sample


class NextToken(Counted):
    """Cross-entropy of the token after each; the exponential of its mean is the perplexity.

    The mean is over tokens, not over texts: padding counts for nothing.
    """

    metric: ClassVar[str] = "token_accuracy"
    noun: ClassVar[str] = "token"
    loss_name: ClassVar[str] = "cross-entropy over tokens"
    figures: ClassVar[tuple[str, ...]] = ("token accuracy", "perplexity")
    parts: ClassVar[str] = "tokens"

    def real(self, y: Tensor) -> Tensor:
        return y != IGNORED

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return cross_entropies(output.flatten(0, 1), y.flatten()) / self.real(y).sum().clamp_min(1)

    def sound(self, output: Tensor) -> Tensor:
        return (output < math.inf).all()  # minus infinity rules a token out

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        surprise = functional.cross_entropy(output.transpose(1, 2), y, ignore_index=IGNORED, reduction="none")
        hits = output.argmax(2) == y  # never where it is ignored
        return torch.stack([per_sample(part) for part in (hits, surprise, self.real(y))], 1)

    def made_of(self, sums: Tensor, y: Tensor) -> Tensor:
        hits, surprise, real = sums.unbind(-1)
        return torch.stack([hits / real, (surprise / real).exp()], -1)

    def baseline(self, y: Tensor) -> float:
        """Return the share of the most frequent token."""
        real = y[self.real(y)]
        return float(real.bincount().max()) / len(real) if len(real) else math.nan
