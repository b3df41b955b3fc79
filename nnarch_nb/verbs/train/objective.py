"""What is made small and what is reported: chosen by the kind of data and the outputs, one entry each."""

from __future__ import annotations

import math
from typing import ClassVar, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.probe import are_probabilities
from nnarch_nb.core.rng import generator
from nnarch_nb.core.stats import Estimate, Share, wilson
from nnarch_nb.errors import pick
from nnarch_nb.verbs.train.result import Fit

RESAMPLES = 500


class Objective(Protocol):
    """How outputs are judged; ``output`` and ``y`` are the batch's, ``predicted`` the whole split's."""

    metric: ClassVar[str]
    noun: ClassVar[str]
    loss_name: ClassVar[str]

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Return the mean over the batch, to be made small."""

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        """Return what is kept of the outputs for the score."""

    def sound(self, output: Tensor) -> Tensor:
        """Return whether every output can be judged."""

    def score(self, predicted: Tensor, y: Tensor) -> float:
        """Return the metric; not a number where it is not defined."""

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Share | Fit:
        """Return the metric with its interval."""

    def like_probabilities(self, predicted: Tensor) -> bool:
        """Return whether logits were asked for and every answer could be a probability."""


class Classification:
    """Cross-entropy; accuracy with Wilson's interval."""

    metric: ClassVar[str] = "accuracy"
    noun: ClassVar[str] = "class"
    loss_name: ClassVar[str] = "cross-entropy"

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return functional.cross_entropy(output, y)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        return output.argmax(1)

    def sound(self, output: Tensor) -> Tensor:
        return (output < math.inf).all()  # minus infinity rules a class out; NaN would count as class 0

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return float((predicted == y).double().mean())

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Share:
        return wilson(int((predicted == y).sum()), len(y))

    def like_probabilities(self, predicted: Tensor) -> bool:
        return False


class Binary(Classification):
    """Binary cross-entropy of one output, the logit of the second of two classes."""

    loss_name: ClassVar[str] = "binary cross-entropy"

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(output.flatten(), y.to(output.dtype))

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        return output.flatten()

    def sound(self, output: Tensor) -> Tensor:
        return output.isfinite().all()

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return super().score(predicted > 0, y)

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Share:
        return super().held_out(predicted > 0, y, seed)

    def like_probabilities(self, predicted: Tensor) -> bool:
        return are_probabilities(predicted)


class Regression:
    """Mean squared error; R² (the mean over targets) and RMSE with bootstrap intervals."""

    metric: ClassVar[str] = "r2"
    noun: ClassVar[str] = "target"
    loss_name: ClassVar[str] = "mean squared error"

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return functional.mse_loss(output.reshape(y.shape), y)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        return output.reshape(y.shape)

    def sound(self, output: Tensor) -> Tensor:
        return output.isfinite().all()

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return r2(predicted.double(), y.double())

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Fit:
        return fit_of(predicted.double().cpu(), y.double().cpu(), seed)

    def like_probabilities(self, predicted: Tensor) -> bool:
        return False


OBJECTIVES: dict[str, Objective] = {
    "classification": Classification(),
    "binary": Binary(),
    "regression": Regression(),
}


def objective_for(kind: str, classes: int, outputs: int) -> Objective:
    """Return how so many outputs are judged; one output does for two classes."""
    binary = kind == "classification" and (classes, outputs) == (2, 1)
    return pick("binary" if binary else kind, OBJECTIVES, "kind of data")


def majority(y: Tensor) -> float:
    """Return the share of the most frequent class."""
    return float(y.bincount().max()) / len(y)


def r2(predicted: Tensor, y: Tensor) -> float:
    """Return the share of variance explained; not a number where a target does not vary."""
    spread = ((y - y.mean(0)) ** 2).sum(0)
    share = 1 - ((y - predicted) ** 2).sum(0) / spread
    varies = (y != y[0]).any(0)  # rounding of the mean leaves equal targets a spread
    return float(share.where(varies, math.nan).mean())


def rmse(predicted: Tensor, y: Tensor) -> float:
    return float(((y - predicted) ** 2).mean().sqrt())


def fit_of(predicted: Tensor, y: Tensor, seed: int) -> Fit:
    """Return both figures with the percentile interval of B. Efron's bootstrap over samples (1979)."""
    draw, n = generator(seed), len(y)
    rows = (torch.randint(n, (n,), generator=draw) for _ in range(RESAMPLES))
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
    )
