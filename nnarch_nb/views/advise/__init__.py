"""Advice: who is ahead and what to run first, the measured table, the reasons, and the other networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers
from nnarch_nb.views.advise.figures import best, epochs, figure, rate
from nnarch_nb.views.advise.rows import Row, rows
from nnarch_nb.views.advise.size import BUDGET_SOURCE, budget, shape
from nnarch_nb.views.advise.trust import trust
from nnarch_nb.views.advise.verdict import lines_for, verdict
from nnarch_nb.views.blocks import blocks
from nnarch_nb.views.page import render
from nnarch_nb.views.prose import folded
from nnarch_nb.views.result import Figure, heading
from nnarch_nb.views.sentence import sentence

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Option, Reason

COLOURS = {"baseline": "#D55E00", "expected": "#D55E00", "level": "#E69F00", "network": "#009E73"}
GREY = "#999999"
FORMS = {
    "table": "a table",
    "image": "images",
    "series": "series",
    "tokens": "texts",
    "array": "arrays",
}


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
        subtitle=subtitle(advice),
        strip=strip(advice),
        colour=COLOURS.get(advice.verdict.outcome, GREY),
        verdict=verdict(advice),
        lines_for=lines_for(advice),
        lines=advice.lines,
        metric=metric(advice),
        rows=rows(advice),
        first=first.title,
        reasons=reasons(first.reasons),
        shape=shape(first),
        budget=budget(advice),
        budget_source=BUDGET_SOURCE,
        simple=reasons(advice.for_baseline),
        others=[other(option) for option in advice.options[1:]],
        trust=trust(advice),
    )


def text(advice: Advice) -> str:
    first = advice.options[0]
    missing = [folded(f"{row.name}: {row.problem}.") for row in rows(advice) if row.problem]
    parts = [
        heading(f"Advice for {advice.name}", subtitle(advice), strip(advice)),
        "\n".join(map(folded, verdict(advice))),
        "\n".join([lines_for(advice), *advice.lines]),
        blocks([["model", metric(advice), "95 % interval", "fitted to", "time"], *map(cells, rows(advice))]),
        *(["\n".join(missing)] if missing else []),
        "\n".join([f"Why {first.title}", *joined(reasons(first.reasons))]),
        "\n".join(["Its size", *map(folded, filter(None, [shape(first), budget(advice), BUDGET_SOURCE]))]),
    ]
    if advice.for_baseline:
        parts.append("\n".join(["For a simple model", *joined(reasons(advice.for_baseline))]))
    for option in advice.options[1:]:
        found = other(option)
        lines = [f"{found.title}  {found.params}".rstrip(), found.line, *joined(found.reasons)]
        parts.append("\n".join(filter(None, lines)))
    return "\n\n".join([*parts, folded(trust(advice))])


def joined(reasons: list[tuple[str, str]]) -> list[str]:
    told = (f"{reason} [{source.removesuffix('.')}]" if source else reason for reason, source in reasons)
    return list(map(folded, told))


def cells(row: Row) -> list[str]:
    fitted = f"{row.fitted}, {row.progress}" if row.progress else row.fitted
    return [row.name, row.value, row.interval, fitted, row.seconds]


def strip(advice: Advice) -> list[Figure]:
    """Return the first choice with its size, and the two figures that it is judged by."""
    first, simple = advice.options[0], best(advice)
    figures = [
        Figure(first.title, "first choice"),
        Figure(numbers.short(first.params), f"parameters, {rate(advice)} a sample"),
    ]
    if simple is not None and simple.score is not None:
        what = f"{simple.score.metric} of {simple.name}, the best simple model"
        figures.append(Figure(figure(simple.score), what, measured=True))
    score = advice.trial.score
    if score is None:
        of = f"{metric(advice)} of the " if advice.scores else ""
        return [*figures, Figure(numbers.NOT_MEASURED, f"{of}{first.title}", measured=True)]
    what = f"{score.metric} of the {first.title} after {epochs(advice.trial)}"
    return [*figures, Figure(figure(score), what, measured=True)]


def metric(advice: Advice) -> str:
    return advice.scores[0].metric if advice.scores else "figure"


def other(option: Option) -> Other:
    params = f"{numbers.short(option.params)} parameters" if option.params is not None else ""
    line = option.line if option.params is not None else ""
    problem = [(f"Cannot be built: {option.problem}", "")] if option.problem else []
    return Other(option.title, params, line, [*reasons(option.reasons), *problem])


def subtitle(advice: Advice) -> str:
    return f"{advice.n_samples:,} training samples · {FORMS[advice.form]} · {advice.described}"


def reasons(found: Iterable[Reason]) -> list[tuple[str, str]]:
    """Return each reason with its sign, and its source."""
    return [
        (f"{'+' if reason.weight > 0 else '−'} {sentence(reason.text)}", f"{reason.source}.")
        for reason in found
    ]
