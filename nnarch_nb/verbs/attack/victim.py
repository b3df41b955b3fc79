"""The network under attack, asked in raw units, with every sample sent through it counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import nn

from nnarch_nb.core.data import Data
from nnarch_nb.core.embedding import Lookup
from nnarch_nb.core.events import Task
from nnarch_nb.core.probe import as_two_classes, going_backward, scores_of
from nnarch_nb.verbs.attack.judges import Judge


class Slope(NamedTuple):
    """What the network says of a batch, and where its loss rises.

    Attributes
    ----------
    margins
        How near the network is to being fooled: larger is nearer.
    fooled
        Whether it is.
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
    judge
        Says when the network is fooled.
    task
        Says when to stop; an iterative attack asks it at every step.
    probabilities
        Where one output stands for two classes: whether it is a probability, else a logit. None where
        each class has its own.
    lookup, allowed
        Of text: the embeddings that get the tokens, and which of their rows are words to swap for.
    forward, backward
        How many samples went each way.
    blind
        How many gradients were zero everywhere: there the search saw nothing.
    """

    network: nn.Module
    data: Data
    judge: Judge
    device: torch.device
    dtype: torch.dtype
    task: Task
    seed: int = 0
    probabilities: bool | None = None
    lookup: Lookup | None = None
    allowed: torch.Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.bool))
    forward: int = 0
    backward: int = 0
    blind: int = 0

    def scores(self, raw: torch.Tensor) -> torch.Tensor:
        self.forward += len(raw)
        seen = self.data.ready(raw).to(self.dtype) if raw.is_floating_point() else raw
        outputs = self.answers(seen)
        return outputs if self.probabilities is None else as_two_classes(outputs, self.probabilities)

    def answers(self, seen: torch.Tensor) -> torch.Tensor:
        """Return what the network says: a row per sample, or a class for every pixel."""
        if self.data.kind != "segmentation":
            return scores_of(self.network, (seen,))
        whole: list[torch.Tensor] = []

        def keep(answer: torch.Tensor) -> torch.Tensor:
            whole.append(answer)
            return answer.flatten(1)

        scores_of(self.network, (seen,), rows=keep)
        return whole[0]

    @torch.no_grad()
    def said(self, raw: torch.Tensor, batch_size: int) -> torch.Tensor:
        return torch.cat([self.scores(part.to(self.device)).cpu() for part in raw.split(batch_size)])

    @torch.no_grad()
    def predictions(self, raw: torch.Tensor, y: torch.Tensor, batch_size: int) -> torch.Tensor:
        """Return the verdict of each sample."""
        parts = zip(raw.split(batch_size), y.split(batch_size), strict=True)
        there = ((part.to(self.device), truth.to(self.device)) for part, truth in parts)
        return torch.cat([self.judge.verdict(self.scores(part), truth).cpu() for part, truth in there])

    def fooled(self, scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.judge.verdict(scores, y) != self.judge.labels(y).to(scores.device)

    @torch.no_grad()
    def standing(self, raw: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return margins and whether the network is fooled."""
        scores = self.scores(raw)
        return self.judge.margin(scores, y), self.fooled(scores, y)

    def slope(self, raw: torch.Tensor, y: torch.Tensor, loss: Loss) -> Slope:
        raw = raw.detach().requires_grad_()
        scores = self.scores(raw)
        with going_backward(self.network):
            (gradient,) = torch.autograd.grad(loss(scores, y).sum(), raw)
        scores = scores.detach()
        return Slope(self.judge.margin(scores, y), self.fooled(scores, y), self.counted(gradient))

    def counted(self, gradient: torch.Tensor) -> torch.Tensor:
        gradient = gradient.nan_to_num(0.0)
        self.backward += len(gradient)
        self.blind += int((gradient.flatten(1) == 0).all(1).sum())
        return gradient

    # Tokens: what changes is which row of a table is looked up.

    @property
    def table(self) -> torch.Tensor:
        """The vector of every word."""
        assert self.lookup is not None
        return self.lookup.table

    def changeable(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return which tokens are words, rather than padding or unknown."""
        return self.allowed[tokens.clamp_max(len(self.allowed) - 1)]

    def slope_of_tokens(self, tokens: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the gradient of the loss behind the embedding, and the vectors there."""
        assert self.lookup is not None
        vectors = self.lookup.vectors(tokens).requires_grad_()
        with self.lookup.replaced(tokens, vectors):
            scores = self.scores(tokens)
        with going_backward(self.network):
            (gradient,) = torch.autograd.grad(self.judge.loss(scores, y).sum(), vectors)
        return self.counted(gradient), vectors.detach()


# A loss takes scores and targets, and rises as the right answer becomes less likely.
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Batch:
    """Samples to attack within one eps, on the network's device.

    Attributes
    ----------
    originals, labels
        Raw samples and their targets.
    low, high
        The limits of their adversarials.
    radius
        eps in raw units; of text, how many tokens may change.
    start
        A random direction per sample, each value in [-1, 1]; of text, where the last eps ended.
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
