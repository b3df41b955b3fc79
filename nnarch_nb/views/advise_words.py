"""What advice says in words: who is ahead, why this network, how far the figures can be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nnarch_nb.core.stats import Estimate
from nnarch_nb.views import numbers
from nnarch_nb.views.sentence import sentence

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Baseline, Budget, Option, Reason, Score, Trial

FORMS = {
    "table": "a table",
    "image": "images",
    "series": "series",
    "tokens": "texts",
    "array": "arrays",
}


SOME_EPOCHS = 10  # and what the simple models take
LONG = 900  # seconds that nobody waits
HUGE = 1e6


def subtitle(advice: Advice) -> str:
    return f"{advice.n_samples:,} training samples · {FORMS[advice.form]} · {advice.described}"


def figure(score: Score) -> str:
    if math.isnan(score.value):
        return numbers.NOT_MEASURED
    return numbers.percent(score.value) if score.share else plain(score.value)


def plain(value: float) -> str:
    """Return a figure that is no share.

    Examples
    --------
    >>> plain(0.5), plain(-6.9e18)
    ('0.500', '−6.90e+18')
    """
    return numbers.minus(f"{value:.3f}" if abs(value) < HUGE else f"{value:.2e}")


def interval(score: Score) -> str:
    if math.isnan(score.low):
        return numbers.NONE
    if score.share:
        return f"{100 * score.low:.1f} to {100 * score.high:.1f} %"
    return f"{plain(score.low)} to {plain(score.high)}"


def rate(advice: Advice) -> str:
    per = advice.budget.per_sample
    return f"{per:,.0f}" if per >= 10 else f"{per:.1f}"


def epochs(trial: Trial) -> str:
    early = ", stopped early" if trial.stopped == "early" else ""
    return f"{trial.epochs} of {trial.epochs_proposed} epochs{early}"


def best(advice: Advice) -> Baseline | None:
    """Return the simple model with the highest figure; of two alike one that learns."""
    known = [model for model in advice.baselines if model.score and not math.isnan(model.score.value)]
    return max(known, key=lambda m: (m.score.value if m.score else 0, not m.naive), default=None)


def verdict(advice: Advice) -> list[str]:
    """Return who is ahead, what that rests on, and what may change it."""
    first = of_useless if advice.verdict.useless else SAID[advice.verdict.outcome]
    said = [first(advice)]
    if advice.verdict.outcome == "level":
        said.append(f"The difference, network less simple model, is {apart(advice, 1)}.")
    if advice.verdict.difference is not None:
        said += shortened(advice)
    if advice.verdict.outcome == "network":
        said += behind(advice)
    if advice.trial.score is None and advice.trial.epoch_seconds is not None:
        enough = SOME_EPOCHS * advice.trial.epoch_seconds
        said.append(more_time(enough))
    return said


def more_time(needed: float) -> str:
    if needed > LONG:
        return "That is too long to wait for advice: train it."
    return f"There is time for some epochs with about --seconds {rounded_up(needed)}."


def network(advice: Advice) -> str:
    return f"the {advice.options[0].title}"


def held_out(advice: Advice) -> str:
    return f"{advice.n_val:,} samples held out"


def of_baseline(advice: Advice) -> str:
    name = advice.verdict.baseline
    if advice.trial.cut_short:
        return f"So far {name} is ahead of {network(advice)} on {held_out(advice)}, by {apart(advice, -1)}."
    return f"Take {name}: on {held_out(advice)} it is ahead of {network(advice)} by {apart(advice, -1)}."


def of_network(advice: Advice) -> str:
    name = advice.verdict.baseline
    ahead = f"ahead of {name} by {apart(advice, 1)}."
    if behind(advice):
        return f"So far {network(advice)} is {ahead}"
    return f"Take {network(advice)}: on {held_out(advice)} it is {ahead}"


def of_level(advice: Advice) -> str:
    name = advice.verdict.baseline
    both = f"{network(advice)} and {name} cannot be told apart on {held_out(advice)}"
    if advice.trial.cut_short:
        return f"So far {both}."
    return f"{capital(both)}: take the simple model, {name}."


def of_useless(advice: Advice) -> str:
    return (
        f"Nothing measured on {held_out(advice)} is shown to be better than a model that "
        f"looks at no sample: neither {network(advice)} nor a simple model."
    )


def of_expected(advice: Advice) -> str:
    return (
        f"A simple model is likely to do as well: {lowered(advice.for_baseline[0].text)}. "
        f"{capital(network(advice))} was not measured: {advice.trial.problem}."
    )


def of_open(advice: Advice) -> str:
    return f"{capital(network(advice))} was not measured against simple models: {why_open(advice)}."


SAID = {
    "baseline": of_baseline,
    "network": of_network,
    "level": of_level,
    "expected": of_expected,
    "open": of_open,
}


def why_open(advice: Advice) -> str:
    if advice.scores and all(math.isnan(score.value) for score in advice.scores):
        return f"on samples whose targets are all alike no {advice.scores[0].metric} is defined"
    problems = [advice.trial.problem, *(model.problem for model in advice.baselines)]
    return next(filter(None, problems), "there was no time")


def apart(advice: Advice, sign: int) -> str:
    """Return the difference with its interval, in points of a share or in units of the figure."""
    found = advice.verdict.difference
    assert found is not None
    ends = sorted((sign * found.low, sign * found.high))
    return points(Estimate(sign * found.value, *ends), advice.scores[0].share)


def points(ahead: Estimate, share: bool) -> str:
    if share:
        value, low, high = (
            numbers.minus(f"{100 * part:.1f}") for part in (ahead.value, ahead.low, ahead.high)
        )
        return f"{value} points, 95 % interval {low} to {high}"
    value, low, high = map(plain, (ahead.value, ahead.low, ahead.high))
    return f"{value}, 95 % interval {low} to {high}"


def shortened(advice: Advice) -> list[str]:
    """Say that longer training may change it, where training was cut short."""
    trial = advice.trial
    if not trial.cut_short or trial.epoch_seconds is None:
        return []
    needed = 2 * trial.epoch_seconds * trial.epochs_proposed
    if needed > LONG:
        return [f"{capital(network(advice))} had time for {epochs(trial)}; all of them may change this."]
    return [
        f"{capital(network(advice))} had time for {epochs(trial)}; all of them may change this: about "
        f"--seconds {rounded_up(needed)}."
    ]


def behind(advice: Advice) -> list[str]:
    """Say which simple models did not have the time that they need; such a win is no proof."""
    told = [f"{model.name} {lack}" for model in advice.baselines if (lack := lacking(model, advice.n_train))]
    return [f"{capital(' and '.join(told))}: more --seconds may change this."] if told else []


def lacking(model: Baseline, n: int) -> str:
    if model.naive:
        return ""
    if model.problem:
        return "was not measured"
    if model.progress:
        return f"had time for {model.progress}"
    return f"was fitted to {model.n_train:,} of {n:,} samples" if model.n_train < n else ""


def rounded_up(seconds: float) -> str:
    """Return a whole number of one digit and zeros.

    Examples
    --------
    >>> rounded_up(132), rounded_up(7)
    ('200', '10')
    """
    size = 10 ** max(1, int(math.log10(max(seconds, 1))))
    return f"{math.ceil(seconds / size) * size}"


def reasons(found: Iterable[Reason]) -> list[tuple[str, str]]:
    """Return each reason with its sign, and its source."""
    return [
        (f"{'+' if reason.weight > 0 else '−'} {sentence(reason.text)}", f"{reason.source}.")
        for reason in found
    ]


def lines_for(advice: Advice) -> str:
    """Return what stands above the lines."""
    open_yet = advice.verdict.outcome in ("network", "open") or advice.trial.cut_short
    return "To run" if open_yet else "If it is to be a network"


def shape(option: Option) -> str:
    return f"{capital(option.shape_reason)}." if option.shape_reason else ""


BUDGET_SOURCE = "C. Zhang et al., ICLR 2017, theorem 1; M. Belkin et al., PNAS 116, 2019."


def budget(advice: Advice) -> str:
    """Return the rule of thumb on this data, with its limits."""
    found = advice.budget
    kept = f"{counted(found)} against {found.numbers:,} numbers in {found.samples:,} training samples: " + (
        "within the rule of thumb, no more weights than numbers" if found.within else OVER
    )
    return (
        f"{kept}. It is no law: {found.memorise:,} weights can already learn these samples by heart, and "
        f"larger networks often generalise all the same.{needs(advice)}"
    )


def counted(found: Budget) -> str:
    """Return the weights that the rule counts, and those that it leaves out."""
    if not found.tables:
        return f"{found.params:,} weights"
    return (
        f"{found.params - found.tables:,} weights, {found.tables:,} in the tables of tokens left out, of "
        f"which each text touches few rows,"
    )


OVER = (
    "more than the rule of thumb allows, no more weights than numbers, and yet the smallest of its ladder; "
    "early stopping and dropout matter"
)


def needs(advice: Advice) -> str:
    """Return what training takes, where it could be traced."""
    first = advice.options[0]
    if first.memory_bytes is None:
        return ""
    macs = "" if first.macs is None else f", {numbers.short(first.macs)} MACs a sample"
    memory = numbers.short(first.memory_bytes, "B")
    return f" Training takes about {memory} in batches of 64 with Adam{macs}."


def trust(advice: Advice) -> str:
    parts = [*how(advice), *(sentence(note) for note in advice.notes)]
    if advice.stopped:
        parts.append("Interrupted: what is missing was not reached.")
    return " ".join(parts)


def how(advice: Advice) -> list[str]:
    if not advice.n_val:
        return [f"Measured on {advice.held_out}.", "The test split was not looked at."]
    wilson = bool(advice.scores) and advice.scores[0].metric == "accuracy"
    return [
        f"Measured on {advice.held_out} (n = {advice.n_val:,}); the test split was not looked at.",
        f"95 % {'Wilson' if wilson else 'bootstrap'} intervals, of a difference "
        f"{'by Newcombe for pairs' if wilson else 'by a bootstrap of pairs'}.",
        "The network's epoch and the best simple model were chosen on the same samples, which flatters both "
        "a little.",
        f"One seed ({advice.seed}); simple models with scikit-learn's usual settings, not tuned.",
    ]


def lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
