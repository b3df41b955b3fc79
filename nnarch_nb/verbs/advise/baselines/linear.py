"""Linear models, from scikit-learn, in steps that can be stopped between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnarch_nb.core.data import Data, Split
from nnarch_nb.verbs.advise.baselines.features import Features, doubled, quiet, width
from nnarch_nb.verbs.advise.facts import Facts

ITERATIONS = 200
FIRST = 5  # iterations, before the first look at the clock
LEAST = 20  # iterations, from which on a fit cut short says something
PENALTY = {"tokens": 10.0}  # scikit-learn's C by form; tf-idf rows have length 1, which asks for less of it
NEVER = -1e4  # the logit of a class that was not seen
FLOPS = 1e9  # a second, of one core on such small products, from below
ALPHAS = np.logspace(-2, 4, 7)


def logistic_cost(facts: Facts, n: int) -> float:
    values = width(facts.form, facts.shape, facts.values, facts.forecast)
    return LEAST * 4 * n * values * max(1, facts.outputs) / FLOPS


def ridge_cost(facts: Facts, n: int) -> float:
    values = width(facts.form, facts.shape, facts.values, facts.forecast)
    return 4 * n * values * min(n, values) / FLOPS


def logistic(form: str, iterations: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=PENALTY.get(form, 1.0), max_iter=iterations, warm_start=True)


class Logistic:
    """A class from a weighted sum for each."""

    def __init__(self, data: Data) -> None:
        self.data, self.features = data, Features(data)
        self.model: Any = None

    def steps(self, train: Split) -> Iterator[str]:
        """Fit; each step goes on from the weights of the last."""
        rows, y = self.features.learn(train.x), train.y.numpy()
        self.seen = np.unique(y)
        if len(self.seen) < 2:
            yield ""
            return
        self.model = logistic(self.data.form, 0)
        done = 0
        for total in doubled(ITERATIONS, FIRST):
            with quiet():
                self.model.set_params(max_iter=total - done).fit(rows, y)
            converged = int(self.model.n_iter_.max()) < total - done
            done = total
            yield "" if converged or done == ITERATIONS else f"{done} of {ITERATIONS} iterations"
            if converged:
                return

    def answer(self, x: Tensor) -> Tensor:
        rows = self.features.of(x)
        shares = np.ones((len(x), 1)) if self.model is None else self.model.predict_proba(rows)
        return logits_of(shares, self.seen, self.data.outputs)


def logits_of(shares: np.ndarray, seen: np.ndarray, outputs: int) -> Tensor:
    """Return the logits of all classes from the shares of those that were seen in training."""
    logits = torch.full((len(shares), outputs), NEVER)
    logits[:, torch.from_numpy(seen)] = torch.from_numpy(np.log(shares + 1e-12)).float()
    return logits


class Labels:
    """A logistic regression for each label."""

    def __init__(self, data: Data) -> None:
        self.data, self.features = data, Features(data)
        self.models: list[Any] = []

    def steps(self, train: Split) -> Iterator[str]:
        """Fit one label after the other."""
        rows, y = self.features.learn(train.x), train.y.numpy()
        for label in range(y.shape[1]):
            with quiet():
                self.models.append(constant_or(logistic(self.data.form, ITERATIONS), rows, y[:, label]))
            yield "" if label + 1 == y.shape[1] else f"{label + 1} of {y.shape[1]} labels"

    def answer(self, x: Tensor) -> Tensor:
        return labels_answer(self.models, self.features.of(x), self.data.outputs)


def constant_or(model: Any, rows: Any, y: np.ndarray) -> Any:
    """Return the fitted model; the one value instead, where there is only one."""
    return float(y[0]) if (y == y[0]).all() else model.fit(rows, y)


def labels_answer(models: list[Any], rows: Any, outputs: int) -> Tensor:
    """Return a logit for each label; 0 for one that there was no time for."""
    logits = torch.zeros(rows.shape[0], outputs)
    for label, model in enumerate(models):
        if isinstance(model, float):
            logits[:, label] = 20 * (2 * model - 1)
        else:
            logits[:, label] = torch.from_numpy(model.predict_proba(rows)[:, 1]).logit(eps=1e-7).float()
    return logits


class Ridge:
    """Numbers from a weighted sum, the penalty chosen by leaving one out, for all targets at once."""

    def __init__(self, data: Data) -> None:
        self.features = Features(data)

    def steps(self, train: Split) -> Iterator[str]:
        """Fit in one step: it is solved, not approached."""
        from sklearn.linear_model import Ridge, RidgeCV

        rows = self.features.learn(train.x)
        model = Ridge() if rows.shape[0] < 3 else RidgeCV(ALPHAS)
        with quiet():
            self.model = model.fit(rows, train.y.double().numpy())
        yield ""

    def answer(self, x: Tensor) -> Tensor:
        found = self.model.predict(self.features.of(x))
        return torch.from_numpy(found).float().reshape(len(x), -1)
