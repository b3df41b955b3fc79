"""What ``advise`` answers: plain records, from which a view writes its sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nnarch_nb.core.result import Result
from nnarch_nb.core.stats import Estimate

if TYPE_CHECKING:
    import pandas as pd

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


@dataclass(frozen=True, eq=False, repr=False)
class Advice(Result):
    """Which network for this data, with reasons, and the simple models beside it.

    Attributes
    ----------
    name, kind, form
        The data, what is asked of a network, and what a sample is.
    described
        The data in words.
    n_train, n_val
        Samples learned from and measured on.
    options
        The networks that take such data, the first choice first.
    baselines
        The simple models.
    trial
        The first choice, trained for a moment.
    verdict
        Who is ahead.
    for_baseline
        What speaks for a simple model before any measurement.
    budget
        Parameters against samples.
    seconds, seconds_asked
        Wall time of the whole, and what was asked for.
    held_out
        How the samples measured on were chosen.
    notes
        What else a reader should know.
    stopped
        Whether it was interrupted: what is missing was not reached.
    seed
        That everything random was drawn from.
    data_line
        What makes the ``data`` of the other lines, where it was given by a name or a path; else empty.
    """

    name: str
    kind: str
    form: str
    described: str
    n_train: int
    n_val: int
    options: tuple[Option, ...]
    baselines: tuple[Baseline, ...]
    trial: Trial
    verdict: Verdict
    for_baseline: tuple[Reason, ...]
    budget: Budget
    seconds: float
    seconds_asked: float
    held_out: str
    notes: tuple[str, ...] = field(default=())
    stopped: bool = False
    seed: int = 0
    data_line: str = ""

    def __repr__(self) -> str:
        first = self.options[0]
        so_far = " so far" if self.trial.cut_short else ""
        return f"Advice({self.name}: {self.family}, {first.params:,} parameters; {self._ahead()}{so_far})"

    def _ahead(self) -> str:
        return {
            "baseline": f"{self.verdict.baseline} is ahead",
            "network": "ahead of the simple models",
            "level": f"level with {self.verdict.baseline}",
            "expected": "a simple model is likely to win",
            "open": "not measured against simple models",
        }[self.verdict.outcome]

    @property
    def scores(self) -> list[Score]:
        """What was measured, the simple models first."""
        found = [*(model.score for model in self.baselines), self.trial.score]
        return [score for score in found if score is not None]

    @property
    def n_samples(self) -> int:
        """Samples in the training split, those held out for measuring included."""
        return self.budget.samples

    @property
    def family(self) -> str:
        """The first choice."""
        return self.options[0].family

    @property
    def line(self) -> str:
        """The ``%nnarch build`` line of the first choice."""
        return self.options[0].line

    @property
    def train_line(self) -> str:
        """The ``%nnarch train`` line that goes with it."""
        return self.options[0].train_line

    @property
    def lines(self) -> tuple[str, ...]:
        """What to run, in order."""
        return tuple(filter(None, (self.data_line, self.line, self.train_line)))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """For and against the first choice."""
        return self.options[0].reasons

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a model: the simple ones, then the network."""
        import pandas as pd

        rows = [row(b.name, b.score, b.seconds, b.n_train, b.progress or b.problem) for b in self.baselines]
        trial, first = self.trial, self.options[0]
        note = trial.problem or f"{trial.epochs} of {trial.epochs_proposed} epochs"
        trained = self.n_train if trial.score else 0
        return pd.DataFrame([*rows, row(first.title, trial.score, trial.seconds, trained, note)])


def row(name: str, score: Score | None, seconds: float | None, n_train: int, note: str) -> dict[str, Any]:
    known = {"metric": None, "value": None, "low": None, "high": None, "n": None}
    if score is not None:
        known = {field: getattr(score, field) for field in known}
    return {"model": name, **known, "seconds": seconds, "n_train": n_train, "note": note}
