"""When a network counts as fooled, by the kind of data.

Robust accuracy needs an answer that stays right while the sample changes a little. A class, a set of labels
and the classes of pixels do; a number is never quite right, what gives its input back should give back the
changed one, and another text has another next token.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.data import IGNORED, Data
from nnarch_nb.core.probe import log_probabilities
from nnarch_nb.errors import NNArchError

NOTHING = {  # kinds without anything to fool, and why
    "regression": "is regression data: robust accuracy needs classes, and no number is right or wrong",
    "reconstruction": "is to be given back: robust accuracy needs classes, and a changed sample is one too",
    "next-token": "asks for the next token: another text has another one, so there is no answer to lose",
}


class Judge(Protocol):
    """Scores are the network's answers, ``y`` the targets; both as the data's kind has them."""

    def labels(self, y: Tensor) -> Tensor:
        """Return what ``verdict`` returns where the network is right."""

    def names(self, data: Data) -> tuple[str, ...]:
        """Return the verdicts in words, by number."""

    def verdict(self, scores: Tensor, y: Tensor) -> Tensor:
        """Return one number per sample."""

    def loss(self, scores: Tensor, y: Tensor) -> Tensor:
        """Return per sample what rises as the right answer becomes less likely."""

    def margin(self, scores: Tensor, y: Tensor) -> Tensor:
        """Return the same without vanishing where the network is sure; it grows towards fooling it."""


class Classes:
    """One class per sample: fooled where the likeliest one is wrong."""

    def labels(self, y: Tensor) -> Tensor:
        return y

    def names(self, data: Data) -> tuple[str, ...]:
        return data.classes

    def verdict(self, scores: Tensor, y: Tensor) -> Tensor:
        return scores.argmax(1)

    def loss(self, scores: Tensor, y: Tensor) -> Tensor:
        return -log_probabilities(scores).gather(1, y[:, None])[:, 0]

    def margin(self, scores: Tensor, y: Tensor) -> Tensor:
        """Return the log-probability of the best wrong class less that of the right one."""
        chances = log_probabilities(scores)
        others = chances.scatter(1, y[:, None], -torch.inf).amax(1)
        return others - chances.gather(1, y[:, None])[:, 0]


class Labels:
    """Several labels per sample, each by its logit: fooled where one or more of them is wrong."""

    def labels(self, y: Tensor) -> Tensor:
        return torch.ones(len(y), dtype=torch.long)

    def names(self, data: Data) -> tuple[str, ...]:
        return ("a label wrong", "all labels right")

    def verdict(self, scores: Tensor, y: Tensor) -> Tensor:
        return ((scores > 0) == (y > 0.5)).all(1).long()

    def loss(self, scores: Tensor, y: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(scores, y.to(scores), reduction="none").sum(1)

    def margin(self, scores: Tensor, y: Tensor) -> Tensor:
        return (scores * (1 - 2 * y.to(scores))).amax(1)


class Pixels:
    """The class of every pixel: fooled where fewer than half of those that count are right."""

    def labels(self, y: Tensor) -> Tensor:
        return torch.ones(len(y), dtype=torch.long)

    def names(self, data: Data) -> tuple[str, ...]:
        return ("most pixels wrong", "most pixels right")

    def verdict(self, scores: Tensor, y: Tensor) -> Tensor:
        right = (scores.argmax(1) == y).flatten(1).sum(1)
        return (2 * right >= (y != IGNORED).flatten(1).sum(1)).long()

    def loss(self, scores: Tensor, y: Tensor) -> Tensor:
        lost = functional.cross_entropy(scores, y, ignore_index=IGNORED, reduction="none")
        return lost.flatten(1).sum(1) / (y != IGNORED).flatten(1).sum(1).clamp_min(1)

    def margin(self, scores: Tensor, y: Tensor) -> Tensor:
        """Return the mean over pixels of a margin that stops at 1, so that no pixel counts for many."""
        real, chances = y != IGNORED, scores.log_softmax(1)
        where = y.where(real, 0)[:, None]
        others = chances.scatter(1, where, -torch.inf).amax(1)
        each = (others - chances.gather(1, where)[:, 0]).clamp(-1, 1).where(real, 0.0)
        return each.flatten(1).sum(1) / real.flatten(1).sum(1).clamp_min(1)


JUDGES: dict[str, Judge] = {
    "classification": Classes(),
    "multi-label": Labels(),
    "segmentation": Pixels(),
}


def judge_of(data: Data) -> Judge:
    """Return how answers to this kind of data are judged.

    Raises
    ------
    NNArchError
        There is nothing to fool.
    """
    if data.kind not in JUDGES:
        raise NNArchError(f"{data.name} {NOTHING.get(data.kind, 'has no classes to fool')}")
    return JUDGES[data.kind]
