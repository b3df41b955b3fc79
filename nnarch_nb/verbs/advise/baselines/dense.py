"""Simple models that answer for every pixel, or give a sample back."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.rng import generator
from nnarch_nb.verbs.advise.baselines.features import flat, quiet
from nnarch_nb.verbs.advise.baselines.linear import logits_of
from nnarch_nb.verbs.advise.facts import Facts

PIXELS = 20_000  # that a model of single pixels learns from
REACH = 3  # side of the neighbourhood
FLOPS = 1e9
CODE = 32  # numbers of a code, at most


def cost(facts: Facts, n: int) -> float:
    pixels = min(PIXELS, n * prod(facts.shape[1:]))
    return 400 * pixels * REACH**2 * facts.shape[0] * facts.outputs / FLOPS


def components(shape: tuple[int, ...], n: int) -> int:
    """Return how many numbers the code has: a quarter of the sample's, and no more than samples."""
    return max(1, min(CODE, prod(shape) // 4, n))


def components_cost(facts: Facts, n: int) -> float:
    return 20 * n * prod(facts.shape) * CODE / FLOPS


class Places:
    """The most frequent class at each place of the picture."""

    def __init__(self, data: Data) -> None:
        self.classes = data.outputs

    def steps(self, train: Split) -> Iterator[str]:
        """Count at each pixel."""
        counts = torch.stack([(train.y == label).sum(0) for label in range(self.classes)]).float() + 1e-3
        self.logits = (counts / counts.sum(0)).log()
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        return self.logits.expand(len(x), *self.logits.shape)


class Neighbours:
    """The class of a pixel from a weighted sum of the pixels around it."""

    def __init__(self, data: Data) -> None:
        self.classes = data.outputs
        self.model: Any = None

    def steps(self, train: Split) -> Iterator[str]:
        """Fit to some pixels, drawn at random."""
        from sklearn.linear_model import LogisticRegression

        images = max(1, min(len(train), -(-4 * PIXELS // train.y[0].numel())))
        rows, y = around(train.x[:images]), train.y[:images].flatten()
        rows, y = rows[y >= 0], y[y >= 0]
        kept = torch.randperm(len(y), generator=generator(0))[:PIXELS]
        self.seen = y[kept].unique()
        if len(self.seen) > 1:
            with quiet():
                self.model = LogisticRegression(max_iter=100).fit(rows[kept].numpy(), y[kept].numpy())
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        rows = around(x).numpy()
        shares = np.ones((len(rows), 1)) if self.model is None else self.model.predict_proba(rows)
        logits = logits_of(shares, self.seen.numpy(), self.classes)
        return logits.reshape(len(x), *x.shape[2:], self.classes).movedim(-1, 1)


def around(x: Tensor) -> Tensor:
    """Return a row for each pixel: it and its neighbours, ``(n · height · width, channels · 9)``."""
    patches = functional.unfold(x, REACH, padding=REACH // 2)
    return patches.transpose(1, 2).flatten(0, 1)


class Components:
    """The sample from its largest principal components: the best a linear code of that size can do."""

    def __init__(self, data: Data) -> None:
        self.shape = data.shape

    def steps(self, train: Split) -> Iterator[str]:
        """Fit in one step."""
        from sklearn.decomposition import PCA

        count = components(self.shape, len(train))
        with quiet():
            self.model = PCA(min(count, *train.x.flatten(1).shape), random_state=0).fit(flat(train.x))
            code = self.model.transform(flat(train.x))
            # From the code to the target, which need not be the sample itself.
            self.back = np.linalg.lstsq(np.c_[code, np.ones(len(code))], flat(train.y), rcond=None)[0]
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        code = self.model.transform(flat(x))
        found = np.c_[code, np.ones(len(code))] @ self.back
        return torch.from_numpy(found).float().reshape(len(x), *self.shape)
