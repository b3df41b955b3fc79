"""One class a sample: cross-entropy, and accuracy with Wilson's interval."""

from __future__ import annotations

import math
from typing import ClassVar

from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.answers import shape_of_answer
from nnarch_nb.core.data import Data
from nnarch_nb.core.probe import are_probabilities
from nnarch_nb.core.stats import Share, wilson


class Classification:
    """Cross-entropy of one output a class."""

    metric: ClassVar[str] = "accuracy"
    noun: ClassVar[str] = "class"
    loss_name: ClassVar[str] = "cross-entropy"

    def shape(self, data: Data) -> tuple[int, ...]:
        return shape_of_answer(data)

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        return functional.cross_entropy(output, y)

    def judged(self, y: Tensor) -> int:
        return len(y)

    def predicted(self, output: Tensor, y: Tensor) -> Tensor:
        return output.argmax(1)

    def sound(self, output: Tensor) -> Tensor:
        return (output < math.inf).all()  # minus infinity rules a class out; NaN would count as class 0

    def score(self, predicted: Tensor, y: Tensor) -> float:
        return float((predicted == y).double().mean())

    def held_out(self, predicted: Tensor, y: Tensor, seed: int) -> Share:
        return wilson(int((predicted == y).sum()), len(y))

    def baseline(self, y: Tensor) -> float | None:
        return float(y.bincount().max()) / len(y)

    def like_probabilities(self, predicted: Tensor) -> bool:
        return False


class Binary(Classification):
    """Binary cross-entropy of one output, the logit of the second of two classes."""

    loss_name: ClassVar[str] = "binary cross-entropy"

    def shape(self, data: Data) -> tuple[int, ...]:
        return (1,)

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
