"""Gradient boosting, from scikit-learn: trees are added a few at a time, so that it can be stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnarch_nb.core.data import Data, Split
from nnarch_nb.verbs.advise.baselines.features import Features, doubled, quiet, width
from nnarch_nb.verbs.advise.baselines.linear import constant_or, labels_answer, logits_of
from nnarch_nb.verbs.advise.facts import Facts

ROUNDS = 100  # scikit-learn's own
LEAST = 30  # rounds, from which on it says something
LEAF = 20  # samples, scikit-learn's own; fewer where there are few
ALONE = 10_000_000  # numbers, below which one thread works
PER_VALUE, PER_COLUMN = 3e-9, 2e-5  # seconds a tree: of a core, for histograms and for splits


def cost(facts: Facts, n: int) -> float:
    values = width(facts.form, facts.shape, facts.values, facts.forecast)
    trees = 1 if facts.kind == "classification" and facts.outputs == 2 else facts.outputs
    return LEAST * trees * values * (n * PER_VALUE + PER_COLUMN)


def enough(model: Boosting) -> bool:
    return model.rounds >= LEAST


class Boosting:
    """Trees for classes, or for each number or label."""

    def __init__(self, data: Data) -> None:
        self.data, self.features = data, Features(data)
        self.models: list[Any] = []
        self.rounds = 0

    def steps(self, train: Split) -> Iterator[str]:
        """Add trees, twice as many in all after each step."""
        rows = self.features.learn(train.x)
        targets = train.y[:, None] if self.data.kind == "classification" else train.y
        self.seen = np.unique(train.y.numpy()) if self.data.kind == "classification" else np.empty(0)
        self.models = [self.fresh(len(rows)) for _ in range(targets.shape[1])]
        for total in doubled(ROUNDS):
            for place, column in enumerate(targets.T):
                if not isinstance(self.models[place], float):
                    self.models[place] = grown(self.models[place], rows, column.numpy(), total)
            self.rounds = total
            yield "" if total == ROUNDS else f"{total} of {ROUNDS} rounds"

    def fresh(self, n: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        numbers = self.data.kind == "regression"
        make = HistGradientBoostingRegressor if numbers else HistGradientBoostingClassifier
        leaf = min(LEAF, max(2, n // 20))
        return make(max_iter=1, warm_start=True, early_stopping=False, min_samples_leaf=leaf, random_state=0)

    def answer(self, x: Tensor) -> Tensor:
        rows = self.features.of(x)
        if self.data.kind == "multi-label":
            return labels_answer(self.models, rows, self.data.outputs)
        if self.data.kind == "regression":
            found = [predicted(model, rows) for model in self.models]
            return torch.from_numpy(np.stack(found, 1)).float()
        model = self.models[0]
        shares = np.ones((len(x), 1)) if isinstance(model, float) else model.predict_proba(rows)
        return logits_of(shares, self.seen, self.data.outputs)


def grown(model: Any, rows: np.ndarray, y: np.ndarray, rounds: int) -> Any:
    """Return the model with so many trees; of few values by one thread.

    OpenMP's threads wait for one another busily: beside other work two took five times as long as one.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with quiet(), threadpool_limits(1 if rows.size < ALONE else None, user_api="openmp"):
        return constant_or(model.set_params(max_iter=rounds), rows, y)


def predicted(model: Any, rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.full(len(rows), model) if isinstance(model, float) else model.predict(rows)
    return found
