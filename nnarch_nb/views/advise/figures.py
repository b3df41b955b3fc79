"""Figures of advice as they are written, the same in verdict, strip and table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Baseline, Score, Trial

HUGE = 1e6


def figure(score: Score) -> str:
    if math.isnan(score.value):
        return numbers.NOT_MEASURED
    return numbers.percent(score.value) if score.share else plain(score.value)


def plain(value: float) -> str:
    """Return a figure that is no share.

    Examples
    --------
    >>> plain(0.5), plain(-6.9e18), plain(-0.0001)
    ('0.500', '−6.90e+18', '0.000')
    """
    return numbers.minus(f"{value:z.3f}" if abs(value) < HUGE else f"{value:.2e}")


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


def rounded_up(seconds: float) -> str:
    """Return a whole number of one digit and zeros.

    Examples
    --------
    >>> rounded_up(132), rounded_up(7)
    ('200', '10')
    """
    size = 10 ** max(1, int(math.log10(max(seconds, 1))))
    return f"{math.ceil(seconds / size) * size}"


def lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
