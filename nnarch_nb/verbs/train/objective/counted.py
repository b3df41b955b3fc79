"""Answers of many parts a sample (labels, tokens, pixels, values): figures made of counts per sample.

The parts of one sample hang together, so an interval over parts would be too narrow. Each sample is one row
of counts; a figure is made of their sums, and its interval by drawing samples, not parts.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.answers import shape_of_answer
from nnarch_nb.core.data import IGNORED, Data
from nnarch_nb.core.rng import generator
from nnarch_nb.core.stats import Estimate
from nnarch_nb.verbs.train.result import Score

RESAMPLES = 500


class Counted:
    """What such objectives share; each says its loss, its counts and what figures they make.

    Attributes
    ----------
    figures
        Names of what ``made_of`` returns, the metric first.
    parts
        What is judged, in words.
    """

    metric: ClassVar[str]
    noun: ClassVar[str]
    loss_name: ClassVar[str]
    figures: ClassVar[tuple[str, ...]]
    parts: ClassVar[str]

    def shape(self, data: Data) -> tuple[int, ...]:
        return shape_of_answer(data)

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        raise NotImplementedError

    def judged(self, y: Tensor) -> int | Tensor:
        """Return over how many parts of the batch the loss is a mean."""
        return self.real(y).sum()

    def real(self, y: Tensor) -> Tensor:
        """Return which parts count."""
        return torch.ones_like(y, dtype=torch.bool)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        """Return the counts, a row per sample."""
        raise NotImplementedError

    def made_of(self, sums: Tensor, y: Tensor) -> Tensor:
        """Return the figures ``(…, figures)`` made of summed counts ``(…, counts)``."""
        raise NotImplementedError

    def sound(self, output: Tensor) -> Tensor:
        return output.isfinite().all()

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return float(self.made_of(predicted.sum(0), y)[0])

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Score:
        """Return the figures with the percentile interval of B. Efron's bootstrap over samples (1979)."""
        n, draw = len(predicted), generator(seed)
        times = torch.stack(
            [torch.randint(n, (n,), generator=draw).bincount(minlength=n) for _ in range(RESAMPLES)]
        )
        drawn = self.made_of(times.to(predicted) @ predicted, y).double()
        ends = drawn.nanquantile(torch.tensor([0.025, 0.975], dtype=torch.float64), dim=0)
        values = self.made_of(predicted.sum(0), y).tolist()
        estimates = [Estimate(v, *ends[:, i].tolist()) for i, v in enumerate(values)]
        return Score(dict(zip(self.figures, estimates, strict=True)), n, int(self.real(y).sum()), self.parts)

    def baseline(self, y: Tensor) -> float | None:
        return None

    def like_probabilities(self, predicted: Tensor) -> bool:
        return False


def per_sample(values: Tensor) -> Tensor:
    """Return the sum over each sample in double precision where the device has it."""
    kind = torch.float32 if values.device.type == "mps" else torch.float64
    return values.to(kind).flatten(1).sum(1)


def cross_entropies(output: Tensor, y: Tensor) -> Tensor:
    """Return the sum over the targets that count."""
    return functional.cross_entropy(output, y, ignore_index=IGNORED, reduction="sum")
