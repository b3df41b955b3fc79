"""Advice: who is ahead and what to run first, the measured table, the reasons, and the other networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views import advise_words as words
from nnarch_nb.views import numbers
from nnarch_nb.views.blocks import blocks
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Baseline, Option, Score

BAR = 60  # pixels of 100 %
COLOURS = {"baseline": "#D55E00", "expected": "#D55E00", "level": "#E69F00", "network": "#009E73"}
GREY = "#999999"


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


@dataclass(frozen=True)
class Other:
    """One of the other networks."""

    title: str
    params: str
    line: str
    reasons: list[tuple[str, str]]


def html(advice: Advice) -> str:
    first = advice.options[0]
    return render(
        "advise.html.j2",
        title=f"Advice for {advice.name}",
        subtitle=words.subtitle(advice),
        strip=strip(advice),
        colour=COLOURS.get(advice.verdict.outcome, GREY),
        verdict=words.verdict(advice),
        lines_for=words.lines_for(advice),
        lines=advice.lines,
        metric=metric(advice),
        rows=rows(advice),
        first=first.title,
        reasons=words.reasons(first.reasons),
        shape=words.shape(first),
        budget=words.budget(advice),
        budget_source=words.BUDGET_SOURCE,
        simple=words.reasons(advice.for_baseline),
        others=[other(option) for option in advice.options[1:]],
        trust=words.trust(advice),
    )


def text(advice: Advice) -> str:
    first = advice.options[0]
    missing = [f"{row.name}: {row.problem}." for row in rows(advice) if row.problem]
    parts = [
        heading(f"Advice for {advice.name}", words.subtitle(advice), strip(advice)),
        "\n".join(words.verdict(advice)),
        "\n".join([words.lines_for(advice), *advice.lines]),
        blocks([["model", metric(advice), "95 % interval", "fitted to", "time"], *map(cells, rows(advice))]),
        *(["\n".join(missing)] if missing else []),
        "\n".join([f"Why {first.title}", *joined(words.reasons(first.reasons))]),
        "\n".join(filter(None, ["Its size", words.shape(first), words.budget(advice), words.BUDGET_SOURCE])),
    ]
    if advice.for_baseline:
        parts.append("\n".join(["For a simple model", *joined(words.reasons(advice.for_baseline))]))
    for option in advice.options[1:]:
        found = other(option)
        lines = [f"{found.title}  {found.params}".rstrip(), found.line, *joined(found.reasons)]
        parts.append("\n".join(filter(None, lines)))
    return "\n\n".join([*parts, words.trust(advice)])


def joined(reasons: list[tuple[str, str]]) -> list[str]:
    return [f"{reason} [{source.removesuffix('.')}]" if source else reason for reason, source in reasons]


def cells(row: Row) -> list[str]:
    fitted = f"{row.fitted}, {row.progress}" if row.progress else row.fitted
    return [row.name, row.value, row.interval, fitted, row.seconds]


def strip(advice: Advice) -> list[Figure]:
    """Return the first choice with its size, and the two figures that it is judged by."""
    first, best = advice.options[0], words.best(advice)
    figures = [
        Figure(first.title, "first choice"),
        Figure(numbers.short(first.params), f"parameters, {words.rate(advice)} a sample"),
    ]
    if best is not None and best.score is not None:
        figures.append(Figure(words.figure(best.score), f"{best.name}, the best simple model", measured=True))
    if advice.trial.score is not None:
        after = f"{first.title} after {words.epochs(advice.trial)}"
        figures.append(Figure(words.figure(advice.trial.score), after, measured=True))
    else:
        figures.append(Figure(numbers.NOT_MEASURED, first.title, measured=True))
    return figures


def metric(advice: Advice) -> str:
    return advice.scores[0].metric if advice.scores else "figure"


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
    fitted = advice.n_train, words.epochs(trial)
    return measured(first.title, how, trial.score, fitted, trial.seconds, network=True)


def measured(
    name: str, how: str, score: Score, fitted: tuple[int, str], seconds: float | None, network: bool = False
) -> Row:
    bar = max(2, round(BAR * score.value)) if 0 <= score.value <= 1 else 0
    took = numbers.NOT_MEASURED if seconds is None else numbers.seconds(seconds)
    figures = words.figure(score), words.interval(score)
    return Row(name, how, *figures, bar, f"{fitted[0]:,}", fitted[1], took, network)


def unmeasured(name: str, how: str, problem: str, network: bool = False) -> Row:
    none = numbers.NONE
    return Row(name, how, numbers.NOT_MEASURED, none, 0, none, "", none, network, problem)


def other(option: Option) -> Other:
    params = f"{numbers.short(option.params)} parameters" if option.params is not None else ""
    line = option.line if option.params is not None else ""
    problem = [(f"Cannot be built: {option.problem}", "")] if option.problem else []
    return Other(option.title, params, line, [*words.reasons(option.reasons), *problem])
