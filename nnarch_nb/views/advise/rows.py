"""The models of advice as rows of one table: what each scored, on how much, in what time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers
from nnarch_nb.views.advise.figures import epochs, figure, interval

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Baseline, Score

BAR = 60  # pixels of 100 %


@dataclass(frozen=True)
class Row:
    """One model of the measured table."""

    name: str
    how: str
    value: str
    interval: str
    bar: int
    fitted: str
    progress: str
    seconds: str
    network: bool = False
    problem: str = ""


def rows(advice: Advice) -> list[Row]:
    return [*map(of_baseline, advice.baselines), of_network(advice)]


def of_baseline(model: Baseline) -> Row:
    if model.score is None:
        return unmeasured(model.name, model.how, model.problem)
    return measured(model.name, model.how, model.score, (model.n_train, model.progress), model.seconds)


def of_network(advice: Advice) -> Row:
    trial, first = advice.trial, advice.options[0]
    how = f"{numbers.short(first.params)} parameters"
    if trial.score is None:
        return unmeasured(first.title, how, trial.problem, network=True)
    fitted = advice.n_train, epochs(trial)
    return measured(first.title, how, trial.score, fitted, trial.seconds, network=True)


def measured(
    name: str, how: str, score: Score, fitted: tuple[int, str], seconds: float | None, network: bool = False
) -> Row:
    bar = max(2, round(BAR * score.value)) if 0 <= score.value <= 1 else 0
    took = numbers.NOT_MEASURED if seconds is None else numbers.seconds(seconds)
    figures = figure(score), interval(score)
    return Row(name, how, *figures, bar, f"{fitted[0]:,}", fitted[1], took, network)


def unmeasured(name: str, how: str, problem: str, network: bool = False) -> Row:
    none = numbers.NONE
    return Row(name, how, numbers.NOT_MEASURED, none, 0, none, "", none, network, problem)
