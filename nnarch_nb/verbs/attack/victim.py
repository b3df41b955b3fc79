"""The network under attack, asked in raw units, with every sample sent through it counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn

from nnarch_nb.core.data import Data
from nnarch_nb.core.events import Task
from nnarch_nb.core.probe import as_two_classes, going_backward, log_probabilities, scores_of


class Slope(NamedTuple):
    """What the network says of a batch, and where its loss rises.

    Attributes
    ----------
    margins
        Log-probability of the best wrong class less that of the label: positive once fooled.
    fooled
        Whether the prediction is wrong.
    gradient
        Of the loss, in raw units.
    """

    margins: torch.Tensor
    fooled: torch.Tensor
    gradient: torch.Tensor


@dataclass
class Victim:
    """A network held ready by ``probing``.

    Attributes
    ----------
    task
        Says when to stop; an iterative attack asks it at every step.
    probabilities
        Where one output stands for two classes: whether it is a probability, else a logit. None where
        each class has its own.
    forward, backward
        How many samples went each way.
    blind
        How many gradients were zero everywhere: there the search saw nothing.
    """

    network: nn.Module
    data: Data
    device: torch.device
    dtype: torch.dtype
    task: Task
    probabilities: bool | None = None
    forward: int = 0
    backward: int = 0
    blind: int = 0

    def scores(self, raw: torch.Tensor) -> torch.Tensor:
        self.forward += len(raw)
        outputs = scores_of(self.network, (self.data.ready(raw).to(self.dtype),))
        return outputs if self.probabilities is None else as_two_classes(outputs, self.probabilities)

    @torch.no_grad()
    def said(self, raw: torch.Tensor, batch_size: int) -> torch.Tensor:
        return torch.cat([self.scores(part.to(self.device)).cpu() for part in raw.split(batch_size)])

    def predictions(self, raw: torch.Tensor, batch_size: int) -> torch.Tensor:
        return self.said(raw, batch_size).argmax(1)

    @torch.no_grad()
    def standing(self, raw: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return margins and whether the network is fooled."""
        scores = self.scores(raw)
        return margin(log_probabilities(scores), labels), scores.argmax(1) != labels

    def slope(self, raw: torch.Tensor, labels: torch.Tensor, loss: Loss) -> Slope:
        raw = raw.detach().requires_grad_()
        scores = self.scores(raw)
        chances = log_probabilities(scores)
        with going_backward(self.network):
            (gradient,) = torch.autograd.grad(loss(chances, labels).sum(), raw)
        gradient = gradient.nan_to_num(0.0)
        self.backward += len(raw)
        self.blind += int((gradient.flatten(1) == 0).all(1).sum())
        return Slope(margin(chances.detach(), labels), scores.detach().argmax(1) != labels, gradient)


# A loss takes log-probabilities ``(n, classes)`` and labels, and rises as the label becomes less likely.
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def cross_entropy(chances: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return -chances.gather(1, labels[:, None])[:, 0]


def margin(chances: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    others = chances.scatter(1, labels[:, None], -torch.inf).amax(1)
    return others - chances.gather(1, labels[:, None])[:, 0]


@dataclass(frozen=True)
class Batch:
    """Samples to attack within one eps, on the network's device.

    Attributes
    ----------
    originals, labels
        Raw samples and their classes.
    low, high
        The limits of their adversarials.
    radius
        eps in raw units.
    start
        A random direction per sample, each value in [-1, 1].
    """

    originals: torch.Tensor
    labels: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    radius: torch.Tensor
    start: torch.Tensor

    def clip(self, raw: torch.Tensor) -> torch.Tensor:
        return raw.clamp(self.low, self.high)

    def of(self, which: torch.Tensor) -> Batch:
        parts = (self.originals, self.labels, self.low, self.high)
        originals, labels, low, high = (part[which] for part in parts)
        return Batch(originals, labels, low, high, self.radius, self.start[which])


class Found(NamedTuple):
    """An attack's answer: the strongest change per sample, and whether it saw the network fooled by it."""

    adversarials: torch.Tensor
    fooled: torch.Tensor
