"""Giving back what was given: the squared error of every value, and the share of their variance explained."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from nnarch_nb.verbs.train.objective.counted import Counted, per_sample
from nnarch_nb.verbs.train.result import Score


class Reconstruction(Counted):
    """Mean squared error over the values; R² against the mean of each value.

    Values after the end of a series are NaN in ``y`` and count for nothing.
    """

    metric: ClassVar[str] = "r2"
    noun: ClassVar[str] = "value"
    loss_name: ClassVar[str] = "mean squared error"
    figures: ClassVar[tuple[str, ...]] = ("R²", "RMSE")
    parts: ClassVar[str] = "values"

    def real(self, y: Tensor) -> Tensor:
        return ~y.isnan()

    def errors(self, output: Tensor, y: Tensor) -> Tensor:
        real = self.real(y)
        return (output.where(real, 0.0) - y.where(real, 0.0)) ** 2

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return self.errors(output, y).sum() / self.real(y).sum().clamp_min(1)

    def sound(self, output: Tensor) -> Tensor:
        return ~output.isinf().any()  # a NaN among what counts makes the score one

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        return torch.stack([per_sample(self.errors(output, y)), per_sample(self.real(y))], 1)

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return super().score(with_spread(predicted, y), y)

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Score:
        return super().held_out(with_spread(predicted, y), y, seed)

    def made_of(self, sums: Tensor, y: Tensor) -> Tensor:
        errors, real, spread = sums.unbind(-1)
        share = (1 - errors / spread).where(spread > 0, torch.nan)
        return torch.stack([share, (errors / real).sqrt()], -1)


def with_spread(predicted: Tensor, y: Tensor) -> Tensor:
    """Return the counts with how far each sample is from the mean of each value."""
    spread = (y - y.nanmean(0)) ** 2
    return torch.cat([predicted, per_sample(spread.nan_to_num(0.0))[:, None]], 1)
