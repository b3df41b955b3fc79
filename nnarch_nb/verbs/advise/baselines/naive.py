"""What learns nothing of a sample: the figure that every other model has to beat."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from nnarch_nb.core.data import Data, Split


def repeated(answer: Tensor, x: Tensor) -> Tensor:
    """Return the same answer for every sample, without a copy for each."""
    return answer.expand(len(x), *answer.shape)


class Frequencies:
    """The share of each class, whatever the sample."""

    def __init__(self, data: Data) -> None:
        self.classes = data.outputs

    def steps(self, train: Split) -> Iterator[str]:
        """Count."""
        counts = train.y.bincount(minlength=self.classes).double()
        self.logits = (counts / counts.sum()).clamp(min=1e-9).log().float()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        return repeated(self.logits, x)


class Mean:
    """The mean target; of a series the mean over those that have the step."""

    def __init__(self, data: Data) -> None:
        pass

    def steps(self, train: Split) -> Iterator[str]:
        """Take the mean."""
        self.mean = train.y.double().nanmean(0).float().nan_to_num()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        return repeated(self.mean, x)


class Labels:
    """The share of each label, as a logit."""

    def __init__(self, data: Data) -> None:
        pass

    def steps(self, train: Split) -> Iterator[str]:
        """Count."""
        self.logits = train.y.double().mean(0).logit(eps=1e-6).float()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        return repeated(self.logits, x)


class LastValue:
    """The last values of the targets, for every step to come."""

    def __init__(self, data: Data) -> None:
        assert data.forecast is not None
        self.data, self.horizon = data, data.forecast.horizon
        self.places = [data.channels.index(name) for name in data.forecast.targets]

    def steps(self, train: Split) -> Iterator[str]:
        """Learn nothing."""
        yield ""

    def targets(self, x: Tensor) -> Tensor:
        """Return the targets in the windows, in raw units, ``(n, steps, targets)``."""
        return self.data.raw(x)[:, :, self.places]

    def answer(self, x: Tensor) -> Tensor:
        return self.targets(x)[:, -1].repeat(1, self.horizon)


class Season(LastValue):
    """The values one season before, its length the one with the least error in training."""

    def steps(self, train: Split) -> Iterator[str]:
        """Try each length that the window holds."""
        past = self.targets(train.x)
        errors = [
            float((self.ahead(past, length) - train.y).square().mean())
            for length in range(1, past.shape[1] + 1)
        ]
        self.length = 1 + min(range(len(errors)), key=errors.__getitem__)
        yield ""

    def ahead(self, past: Tensor, length: int) -> Tensor:
        """Return the last ``length`` steps, again and again as far as the horizon."""
        steps = past.shape[1] - length + torch.arange(self.horizon) % length
        return past[:, steps].flatten(1)

    def answer(self, x: Tensor) -> Tensor:
        return self.ahead(self.targets(x), self.length)
