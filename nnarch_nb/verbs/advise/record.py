"""What ``advise`` answers: a plain record, from which a view writes its sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.result import Result
from nnarch_nb.verbs.advise.parts import Baseline, Budget, Option, Reason, Score, Trial, Verdict

if TYPE_CHECKING:
    import pandas as pd


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
