"""The simple models, one table: what each is for, and how it is made.

A model answers like a network, in the shapes that the kind of data asks for, so that both are judged by the
same code. It learns in ``steps`` that can be stopped between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from nnarch_nb.core.data import Data, Split
from nnarch_nb.verbs.advise.baselines import boosting, dense, linear, naive, words
from nnarch_nb.verbs.advise.facts import Facts

ALL = ("table", "image", "series", "tokens", "array")
FLAT = ("table", "image", "series", "array")


class Learner(Protocol):
    """A simple model."""

    def steps(self, train: Split) -> Iterator[str]:
        """Learn; after each step say how far it is, and nothing once it is done."""

    def answer(self, x: Tensor) -> Tensor:
        """Return what a network would answer to these samples."""


@dataclass(frozen=True)
class Entry:
    """One line of the table.

    Attributes
    ----------
    name, how
        What it is called, and what it is given; ``{form}`` stands for the features of that form.
    kinds, forms
        Of the data it is for.
    make
        ``make(data)`` returns a model that has learned nothing yet.
    naive
        Whether it looks at no sample, or at its last value alone.
    cost
        Estimated seconds for the least worth waiting for, for so many samples.
    when
        What else the data must be like.
    enough
        Whether the model has come far enough to be judged, where it was stopped.
    """

    name: str
    how: str
    kinds: tuple[str, ...]
    forms: tuple[str, ...]
    make: Callable[[Data], Learner]
    naive: bool = False
    cost: Callable[[Facts, int], float] = lambda facts, n: 0.0
    when: Callable[[Facts], bool] = lambda facts: True
    enough: Callable[[Any], bool] = lambda learner: True

    def fits(self, facts: Facts) -> bool:
        return facts.kind in self.kinds and facts.form in self.forms and self.when(facts)


BASELINES: tuple[Entry, ...] = (
    Entry("most frequent class", "", ("classification",), ALL, naive.Frequencies, naive=True),
    Entry("mean", "of the targets", ("regression",), ALL, naive.Mean, naive=True),
    Entry("share of each label", "", ("multi-label",), ALL, naive.Labels, naive=True),
    Entry("most frequent token", "", ("next-token",), ALL, words.Unigram, naive=True),
    Entry("most frequent class", "at each pixel", ("segmentation",), ("image",), dense.Places, naive=True),
    Entry("mean sample", "", ("reconstruction",), FLAT, naive.Mean, naive=True),
    Entry(
        "last value", "repeated", ("regression",), ("series",), naive.LastValue, naive=True,
        when=lambda facts: facts.forecast,
    ),
    Entry(
        "one season back", "its length chosen in training", ("regression",), ("series",), naive.Season,
        when=lambda facts: facts.forecast and facts.shape[0] > 1,
    ),
    Entry(
        "logistic regression", "L2 penalty, {form}", ("classification",), ALL, linear.Logistic,
        cost=linear.logistic_cost,
    ),
    Entry(
        "logistic regression", "one for each label, L2 penalty, {form}", ("multi-label",), ALL,
        linear.Labels, cost=linear.logistic_cost,
    ),
    Entry(
        "ridge regression", "penalty chosen in training, {form}", ("regression",), ALL, linear.Ridge,
        cost=linear.ridge_cost,
    ),
    Entry(
        "gradient boosting", "{form}", ("classification", "regression", "multi-label"), FLAT,
        boosting.Boosting, cost=boosting.cost, enough=boosting.enough,
    ),
    Entry(
        "bigrams", "the token that mostly follows the last one", ("next-token",), ("tokens",), words.Bigram,
    ),
    Entry(
        "logistic regression of each pixel", "from the pixels within 1 of it", ("segmentation",),
        ("image",), dense.Neighbours, cost=dense.cost,
    ),
    Entry(
        "principal components", "a linear autoencoder, {components} numbers", ("reconstruction",), FLAT,
        dense.Components, cost=dense.components_cost, when=lambda facts: not facts.padded,
    ),
)  # fmt: skip


def entries(facts: Facts) -> list[Entry]:
    """Return the models for such data, the simplest first."""
    return [entry for entry in BASELINES if entry.fits(facts)]
