"""What advice is made of: a reason, an option, a figure, a model, a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nnarch_nb.core.stats import Estimate

Outcome = Literal["baseline", "network", "level", "expected", "open"]


@dataclass(frozen=True)
class Reason:
    """Why a family fits or does not.

    Attributes
    ----------
    text
        The reason, with the figures of this data.
    source
        Where it is shown.
    weight
        How much it counts: above 0 for the family, below 0 against it.
    """

    text: str
    source: str
    weight: int


@dataclass(frozen=True)
class Option:
    """One network that may be built for the data.

    Attributes
    ----------
    family, title
        The word for ``build``, and what the network is called; the family is ``layers`` where the
        proposal is written in layers.
    line, train_line
        What to run.
    settings
        The options of ``build``, by name.
    training
        The options of ``train``, by name.
    params
        Its parameters; None where it cannot be built for this data, and ``problem`` says why.
    tables
        Those of them that are a row for each token: looked up, or the scores of the next token.
    macs, memory_bytes
        Multiply-accumulates a sample, and the memory of a training step with Adam; None if not measured.
    weight
        The sum of the reasons' weights; the option with the most stands first.
    reasons
        For and against it.
    shape_reason
        Why so wide and deep.
    problem
        Why it cannot be built.
    """

    family: str
    title: str
    line: str
    train_line: str
    settings: dict[str, Any]
    training: dict[str, Any]
    params: int | None
    tables: int
    weight: int
    reasons: tuple[Reason, ...]
    shape_reason: str = ""
    macs: int | None = None
    memory_bytes: int | None = None
    problem: str | None = None

    @property
    def spec(self) -> str:
        """What ``build`` is given."""
        return self.settings.get("spec", self.family)


@dataclass(frozen=True)
class Score:
    """A figure on the validation split with its 95 % interval.

    Attributes
    ----------
    metric
        ``accuracy``, ``R²`` or another that the kind of data is judged by; more is better.
    value, low, high
        The figure and the ends of its interval; not a number where it is not defined.
    n
        Validation samples, or what else is counted.
    share
        Whether it is a share of ``n``, to be written in per cent.
    """

    metric: str
    value: float
    low: float
    high: float
    n: int
    share: bool


@dataclass(frozen=True)
class Baseline:
    """One simple model.

    Attributes
    ----------
    name, how
        What it is, and what it was given.
    naive
        Whether it learns nothing of a sample, such as always answering the most frequent class.
    score
        On the validation split; None if not measured.
    seconds
        Wall time of fitting and answering; None if not measured.
    n_train
        Samples it was fitted to; fewer than the training split has where time is short.
    progress
        How far fitting came, where it was cut short: ``60 of 100 rounds``.
    problem
        Why it was not measured.
    """

    name: str
    how: str
    naive: bool
    score: Score | None = None
    seconds: float | None = None
    n_train: int = 0
    progress: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Trial:
    """The proposed network, trained for a moment.

    Attributes
    ----------
    score
        On the validation split, which also chose the epoch; None if it was not trained.
    epochs, epochs_proposed
        How many passes there was time for, and how many the proposed line asks for.
    seconds
        Wall time of training; None if it was not trained.
    epoch_seconds
        Estimated from some steps: what one pass takes; None if not measured.
    stopped
        How the run ended, as for ``train``.
    problem
        Why it was not trained.
    """

    score: Score | None = None
    epochs: int = 0
    epochs_proposed: int = 0
    seconds: float | None = None
    epoch_seconds: float | None = None
    stopped: str = ""
    problem: str = ""

    @property
    def cut_short(self) -> bool:
        """Whether there was time for only a part of the epochs, and training had not stopped by itself."""
        return self.score is not None and self.epochs < self.epochs_proposed and self.stopped != "early"


@dataclass(frozen=True)
class Budget:
    """Parameters against samples: a rule of thumb.

    Attributes
    ----------
    samples, numbers
        Training samples, and the numbers in all of them: padding aside.
    params, tables
        Of the network proposed, and those of them in rows for each token, which are not counted: most texts
        touch few of them.
    memorise
        With so many weights a network can learn any labels of these samples by heart.
    within
        Whether there are no more weights than numbers.
    """

    samples: int
    numbers: int
    params: int
    memorise: int
    tables: int = 0

    @property
    def within(self) -> bool:
        return self.params - self.tables <= self.numbers

    @property
    def per_sample(self) -> float:
        return self.params / self.samples


@dataclass(frozen=True)
class Verdict:
    """Who is ahead on the validation split.

    Attributes
    ----------
    outcome
        ``baseline`` or ``network`` is ahead; ``level`` cannot be told apart; ``expected``: the network was
        not measured and the reasons speak for the baseline; ``open``: neither.
    baseline
        The best of the simple models; None if none was measured.
    difference
        How far the network is ahead, with its paired interval; None if not measured.
    useless
        Whether neither is better than the best model that learns nothing of a sample.
    """

    outcome: Outcome
    baseline: str | None = None
    difference: Estimate | None = None
    useless: bool = False
