"""Numbers: the squared error in deviations of the targets, R² and the RMSE in the targets' own unit.

A target in kilometres must not weigh a million times one in metres, and an optimizer that moves a weight
by ``lr`` a step would not reach a mean of 340 in a thousand. So the loss is taken of standardized
targets; ``standard.py`` has the network answer in that unit while it learns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.answers import shape_of_answer
from nnarch_nb.core.data import Data
from nnarch_nb.core.rng import generator
from nnarch_nb.core.stats import Estimate
from nnarch_nb.verbs.train.result import Fit

RESAMPLES = 500


@dataclass(frozen=True, eq=False)
class Regression:
    """Mean squared error of standardized targets; R² (the mean over targets) and RMSE with intervals.

    Attributes
    ----------
    mean, std
        Of each target in training.
    standard
        Whether the network answers in standardized units rather than raw ones.
    block
        How many neighbours overlap, as the windows of a forecast do; 1 where samples are independent.
    """

    mean: Tensor
    std: Tensor
    standard: bool = False
    block: int = 1

    metric: ClassVar[str] = "r2"
    noun: ClassVar[str] = "target"
    loss_name: ClassVar[str] = "mean squared error in variances of the training targets"

    def shape(self, data: Data) -> tuple[int, ...]:
        return shape_of_answer(data)

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        goal = (y - self.mean) / self.std
        given = output.reshape(y.shape)
        return functional.mse_loss(given if self.standard else (given - self.mean) / self.std, goal)

    def judged(self, y: Tensor) -> int:
        return len(y)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        given = output.reshape(y.shape)
        return given * self.std + self.mean if self.standard else given

    def sound(self, output: Tensor) -> Tensor:
        return output.isfinite().all()

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return r2(predicted.double(), y.double())

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Fit:
        return fit_of(predicted.double().cpu(), y.double().cpu(), seed, self.block)

    def baseline(self, y: Tensor) -> float | None:
        return None

    def like_probabilities(self, predicted: Tensor) -> bool:
        return False


def regression_of(data: Data) -> Regression:
    """Return the objective for the training targets; one that does not vary counts as it is."""
    y, ahead = data.train.y, data.forecast
    block = ahead.window + ahead.horizon if ahead else 1
    std = y.double().std(0, correction=0)
    return Regression(y.double().mean(0).to(y), std.where(std > 0, 1.0).to(y), block=block)


def r2(predicted: Tensor, y: Tensor) -> float:
    """Return the share of variance explained; not a number where a target does not vary."""
    spread = ((y - y.mean(0)) ** 2).sum(0)
    share = 1 - ((y - predicted) ** 2).sum(0) / spread
    varies = (y != y[0]).any(0)  # rounding of the mean leaves equal targets a spread
    return float(share.where(varies, math.nan).mean())


def rmse(predicted: Tensor, y: Tensor) -> float:
    return float(((y - predicted) ** 2).mean().sqrt())


def fit_of(predicted: Tensor, y: Tensor, seed: int, block: int = 1) -> Fit:
    """Return both figures with the percentile interval of B. Efron's bootstrap over samples (1979).

    Neighbours that overlap are drawn together, in ``block`` samples from anywhere (H. R. Künsch, "The
    jackknife and the bootstrap for general stationary observations", 1989): alone they would count as
    many independent ones, and the interval be too narrow.
    """
    draw, n = generator(seed), len(y)
    block = max(1, min(block, n // 2))
    rows = (drawn_rows(n, block, draw) for _ in range(RESAMPLES))
    drawn = torch.tensor(
        [(r2(predicted[i], y[i]), rmse(predicted[i], y[i])) for i in rows], dtype=torch.float64
    )
    ends = drawn.nanquantile(torch.tensor([0.025, 0.975], dtype=torch.float64), dim=0)
    return Fit(
        Estimate(r2(predicted, y), *ends[:, 0].tolist()),
        Estimate(rmse(predicted, y), *ends[:, 1].tolist()),
        n,
        tuple(y.mean(0).flatten().tolist()),
        tuple(y.std(0, correction=0).flatten().tolist()),
        bool(((y == 0) | (y == 1)).all()),
        block,
    )


def drawn_rows(n: int, block: int, draw: torch.Generator) -> Tensor:
    """Return ``n`` rows drawn with replacement, as many neighbours together as a block has."""
    first = torch.randint(n - block + 1, (-(-n // block),), generator=draw)
    return (first[:, None] + torch.arange(block)).flatten()[:n]
