"""How robustness looks: accuracy against eps, and what the smallest changes look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.core.stats import Share
from nnarch_nb.views import numbers, robustness_curve
from nnarch_nb.views.blocks import blocks
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, heading
from nnarch_nb.views.robustness_samples import Grid, grid
from nnarch_nb.views.robustness_texts import plain
from nnarch_nb.views.sentence import sentence
from nnarch_nb.views.values import value

if TYPE_CHECKING:
    from nnarch_nb.verbs.attack import Interval, Robustness

FOOLED = {  # by the kind of data, where a sample has more than one answer
    "multi-label": ["A sample counts as right while all of its labels are."],
    "segmentation": ["A sample counts as right while half of its pixels are."],
}
NAMES = {"linf": "L∞", "l0": "swaps"}


def html(result: Robustness, drawn: Picture | None = None) -> str:
    return render(
        "robustness.html.j2",
        title=f"Robustness of {result.network}",
        subtitle=subtitle(result),
        strip=strip(result),
        curve=drawings(result) if drawn is None else drawn,
        grid=grid(result),
        head=header(result),
        rows=table(result),
        trust=trust(result),
    )


def text(result: Robustness) -> str:
    head = heading(f"Robustness of {result.network}", subtitle(result), strip(result))
    return "\n\n".join([head, blocks([header(result), *table(result)]), samples(grid(result)), trust(result)])


def drawings(result: Robustness) -> Picture:
    return robustness_curve.curve(result)


def picture(result: Robustness, drawn: Picture | None = None) -> bytes:
    return (drawings(result) if drawn is None else drawn).png


def subtitle(result: Robustness) -> str:
    n = f"n = {len(result):,} {result.split} samples of {result.source}"
    return f"{NAMES[result.norm]} · {unit(result)} · {n}"


def unit(result: Robustness) -> str:
    return f"ε a share {result.unit}" if result.unit.startswith("of ") else result.unit


def within(result: Robustness) -> str:
    low, high = result.bounds
    for part in ("column", "channel"):
        if f"each {part}" in result.unit:
            return f"each {part}'s range"
    return f"{value(low)} to {value(high)}"


def strip(result: Robustness) -> list[Figure]:
    clean = result.clean
    attacked = Share(*result.robust[result.eps], len(result))
    gradients = int(result.budget["backward"])
    return [
        Figure(numbers.percent(clean.value), f"clean ({interval(clean)})", measured=True),
        Figure(
            f"≤ {numbers.percent(attacked.value)}",
            f"at ε = {value(result.eps)} ({interval(attacked)})",
            measured=True,
        ),
        Figure(numbers.short(gradients), f"gradients by {' and '.join(result.attacks)}", measured=True),
        Figure(numbers.seconds(result.budget["cpu_seconds"]), "CPU time", measured=True),
    ]


def interval(share: Share) -> str:
    return f"{100 * share.low:.1f}–{100 * share.high:.1f}"


def header(result: Robustness) -> list[str]:
    several = len(result.attacks) > 1
    return ["ε", *result.attacks, *(["any of them"] if several else []), "95 % interval"]


def table(result: Robustness) -> list[list[str]]:
    clean = numbers.percent(result.clean.value)
    repeats = len(header(result)) - 2
    rows = [["0", *[clean] * repeats, interval(result.clean)]] if 0.0 not in result.robust else []
    for eps, joined in result.robust.items():
        curves = [curve.get(eps) for curve in result.attacks.values()]
        curves += [joined] if len(curves) > 1 else []
        rows.append([value(eps), *map(bound, curves), interval(Share(*joined, len(result)))])
    return rows


def bound(share: Interval | None) -> str:
    return f"≤ {numbers.percent(share[0])}" if share else numbers.NOT_MEASURED


def samples(shown: Grid) -> str:
    """Return the samples in words: images only by their verdicts."""
    if shown.texts:
        return "\n".join([shown.caption, *map(plain, shown.texts)])
    rows = [[row.head, *(cell.words for cell in row.cells)] for row in shown.rows if row.words]
    return f"{shown.caption}\n{blocks([['', *shown.samples], *rows])}"


def searched(result: Robustness) -> str:
    """Return which attacks looked where."""
    names = ", ".join(map(str.upper, result.attacks))
    if result.norm == "l0":
        return f"A swap may change what a text means. {names} among the words of the data"
    return f"{names} within {within(result)}, {result.steps} steps where iterative"


def unchecked(result: Robustness) -> list[str]:
    """Return what was not searched; random swaps of tokens need no gradients."""
    blind = [] if "random-swap" in result.attacks else ["attacks without gradients"]
    return ["gradient masking", *blind]


def trust(result: Robustness) -> str:
    sentences = [
        "Upper bounds: a stronger attack may find more; wrong without attack counts as fooled.",
        *FOOLED.get(result.kind, []),
        f"{searched(result)}, seed {result.seed}; each adversarial confirmed by a fresh run. 95 % Wilson "
        "intervals.",
        *map(sentence, result.notes),
        f"Not checked: {', '.join(unchecked(result))}. Not computed: a certified lower bound.",
    ]
    return " ".join(sentences)
