"""Several labels a sample, each there or not: binary cross-entropy, and F1 over all of them."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.verbs.train.objective.counted import Counted, per_sample


class MultiLabel(Counted):
    """Binary cross-entropy of each label's logit; F1 with all labels pooled (micro), and label accuracy.

    Most labels are absent from most samples, so that the share of right labels is high for a network that
    never answers any. F1 looks at the labels that are there or answered. The share of samples with every
    label right would be low where there are many labels, whatever the network is worth.
    """

    metric: ClassVar[str] = "f1"
    noun: ClassVar[str] = "label"
    loss_name: ClassVar[str] = "binary cross-entropy over labels"
    figures: ClassVar[tuple[str, ...]] = ("F1 (micro)", "label accuracy")
    parts: ClassVar[str] = "labels"

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(output, y.to(output.dtype))

    def judged(self, y: Tensor) -> int:
        return len(y)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        answered, there = output > 0, y > 0.5
        parts = (answered & there, answered, there, answered == there, torch.ones_like(there))
        return torch.stack([per_sample(part) for part in parts], 1)

    def made_of(self, sums: Tensor, y: Tensor) -> Tensor:
        hits, answered, there, right, all_of_them = sums.unbind(-1)
        return torch.stack([f1(hits, answered + there), right / all_of_them], -1)

    def baseline(self, y: Tensor) -> float:
        """Return the F1 of always answering the most frequent labels, as many as do best, or none."""
        often = y.double().sum(0).sort(descending=True).values
        hits = torch.cat([often.new_zeros(1), often.cumsum(0)])
        answered = torch.arange(len(hits)) * len(y)
        return float(f1(hits, answered + often.sum()).max())


def f1(hits: Tensor, pooled: Tensor) -> Tensor:
    """Return 2·hits over what was answered and what was there; 1 where there was nothing of either."""
    return (2 * hits / pooled.clamp_min(1)).where(pooled > 0, 1.0)
