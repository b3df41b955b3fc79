"""What of the data the advice rests on: read once, so that every rule speaks of the same figures."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.errors import NNArchError


@dataclass(frozen=True)
class Facts:
    """The data in figures, of its training split.

    Attributes
    ----------
    n
        Training samples.
    values
        Numbers in a sample; of samples of unlike lengths the mean.
    outputs
        Classes, numbers or labels.
    steps, longest
        Of a series or text: the median of the real steps, and the most. 1 for all else.
    channels, side
        Of an image its channels and its shorter side; of a series its channels.
    padded
        Whether samples end at unlike steps.
    smallest, missing
        Samples of the rarest class that has any, and how many classes have none; 0 where there are no
        classes.
    vocabulary
        How many different tokens there are; 0 for all else.
    forecast
        Whether the target is what a channel of the series does next.
    """

    name: str
    kind: str
    form: str
    n: int
    shape: tuple[int, ...]
    values: float
    outputs: int
    steps: int = 1
    longest: int = 1
    channels: int = 1
    side: int = 1
    padded: bool = False
    smallest: int = 0
    missing: int = 0
    vocabulary: int = 0
    forecast: bool = False

    @property
    def numbers(self) -> int:
        """The numbers in the training split, padding aside."""
        return round(self.n * self.values)

    @property
    def size(self) -> str:
        return "×".join(map(str, self.shape))


def facts_of(data: Data) -> Facts:
    """Return the figures of the training split.

    Raises
    ------
    NNArchError
        There is nothing to learn from.
    """
    if not len(data.train):
        raise NNArchError(f"{data.name} has no training samples; give some, or smaller val and test shares")
    form, lengths = data.form, data.train.lengths
    steps = int(lengths.median()) if form in ("series", "tokens") else 1
    counts = torch.bincount(data.train.y) if data.kind == "classification" else torch.zeros(1)
    return Facts(
        data.name,
        data.kind,
        form,
        len(data.train),
        data.shape,
        values_of(data, float(lengths.double().mean())),
        data.outputs,
        steps=max(1, steps),
        longest=int(lengths.max()) if form in ("series", "tokens") else 1,
        channels=data.shape[0] if form == "image" else data.shape[-1] if form == "series" else 1,
        side=min(data.shape[1:]) if form == "image" else 1,
        padded=data.padded,
        smallest=int(counts[counts > 0].min()) if bool(counts.any()) else 0,
        missing=missing(data),
        vocabulary=vocabulary_of(data),
        forecast=data.forecast is not None,
    )


def values_of(data: Data, length: float) -> float:
    if data.form == "tokens":
        return length
    return length * data.shape[-1] if data.form == "series" else float(prod(data.shape))


def missing(data: Data) -> int:
    """Return how many classes have no training sample."""
    return len(data.classes) - len(data.train.y.unique()) if data.kind == "classification" else 0


def vocabulary_of(data: Data) -> int:
    if data.form != "tokens":
        return 0
    return len(data.vocabulary) if data.vocabulary is not None else int(data.train.x.max()) + 1
