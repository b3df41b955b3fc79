"""What the training loop asks of an objective, whatever the kind of data."""

from __future__ import annotations

from typing import ClassVar, Protocol

from torch import Tensor

from nnarch_nb.core.data import Data
from nnarch_nb.core.stats import Share
from nnarch_nb.verbs.train.result import Fit, Score


class Objective(Protocol):
    """How outputs are judged; ``output`` and ``y`` are the batch's, ``predicted`` the whole split's."""

    metric: ClassVar[str]
    noun: ClassVar[str]
    loss_name: ClassVar[str]

    def shape(self, data: Data) -> tuple[int, ...]:
        """Return the shape of an answer to one sample."""

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Return the mean over what is judged of the batch, to be made small."""

    def judged(self, y: Tensor) -> int | Tensor:
        """Return over how many parts of the batch the loss is a mean."""

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        """Return what is kept of the outputs for the score, a row per sample."""

    def sound(self, output: Tensor) -> Tensor:
        """Return whether every output can be judged."""

    def score(self, predicted: Tensor, y: Tensor) -> float:
        """Return the metric; not a number where it is not defined."""

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Share | Fit | Score:
        """Return the metric with its interval."""

    def baseline(self, y: Tensor) -> float | None:
        """Return what the best constant answer would score; None where the metric is relative to it."""

    def like_probabilities(self, predicted: Tensor) -> bool:
        """Return whether logits were asked for and every answer could be a probability."""
