"""Who is ahead, what that rests on, and what may change it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nnarch_nb.core.stats import Estimate
from nnarch_nb.views import numbers
from nnarch_nb.views.advise.figures import capital, epochs, lowered, plain, rounded_up

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Baseline, Score


SOME_EPOCHS = 10  # and what the simple models take
LONG = 900  # seconds that nobody waits


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
    return points(Estimate(sign * found.value, *ends), advice.scores[0])


def points(ahead: Estimate, of: Score) -> str:
    if of.share:
        value, low, high = (
            numbers.minus(f"{100 * part:z.1f}") for part in (ahead.value, ahead.low, ahead.high)
        )
        return f"{value} points, 95 % interval {low} to {high}"
    value, low, high = map(plain, (ahead.value, ahead.low, ahead.high))
    return f"{value} of {of.metric}, 95 % interval {low} to {high}"


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


def lines_for(advice: Advice) -> str:
    """Return what stands above the lines."""
    open_yet = advice.verdict.outcome in ("network", "open") or advice.trial.cut_short
    return "To run" if open_yet else "If it is to be a network"
