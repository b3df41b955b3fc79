"""Who is ahead: decided by the same validation samples, or left open."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from nnarch_nb.core.rng import generator
from nnarch_nb.core.stats import Estimate, wilson
from nnarch_nb.verbs.advise.contest import Entrant
from nnarch_nb.verbs.advise.parts import Outcome, Reason, Verdict
from nnarch_nb.verbs.train.objective import Objective

RESAMPLES = 500


def verdict(
    entrants: list[Entrant],
    network: Tensor | None,
    objective: Objective,
    y: Tensor,
    reasons: tuple[Reason, ...],
    seed: int,
) -> Verdict:
    """Return who is ahead.

    Parameters
    ----------
    entrants
        The simple models.
    network
        What is kept of the network's answers; None if it was not measured.
    objective
        That scores both.
    y
        The validation targets.
    reasons
        What speaks for a simple model, for the case that the network was not measured.
    seed
        Of the bootstrap.
    """
    naive, learned = best(entrants, naive=True), best(entrants, naive=False)
    if network is None:
        return Verdict("expected" if reasons else "open", learned.baseline.name if learned else None)
    rival = better(naive, learned)
    if rival is None or rival.predicted is None:
        return Verdict("open")
    ahead = difference(network, rival.predicted, objective, y, seed)
    useless = naive is not None and not any(
        above(difference(found, naive.predicted, objective, y, seed))
        for found in (network, learned.predicted if learned else None)
        if found is not None and naive.predicted is not None
    )
    return Verdict(outcome(ahead), rival.baseline.name, ahead, useless)


def outcome(ahead: Estimate) -> Outcome:
    if above(ahead):
        return "network"
    return "baseline" if ahead.high < 0 else "level"


def above(ahead: Estimate) -> bool:
    return ahead.low > 0


def best(entrants: list[Entrant], naive: bool) -> Entrant | None:
    """Return the model with the highest figure, of those that learn or of those that do not."""
    scored = [e for e in entrants if e.baseline.naive == naive and value(e) > -math.inf]
    return max(scored, key=value, default=None)


def better(first: Entrant | None, second: Entrant | None) -> Entrant | None:
    found = [entrant for entrant in (second, first) if entrant is not None]
    return max(found, key=value, default=None)


def value(entrant: Entrant) -> float:
    score = entrant.baseline.score
    return -math.inf if score is None or math.isnan(score.value) else score.value


def paired(first: Tensor, second: Tensor) -> Estimate:
    """Return the difference of two shares of the same samples, with its 95 % interval.

    Parameters
    ----------
    first, second
        Whether each sample was answered rightly, ``(n,)``.

    Notes
    -----
    Method 10 of R. G. Newcombe, "Improved confidence intervals for the difference between binomial
    proportions based on paired data", Statistics in Medicine 17 (1998): Wilson's intervals joined. Unlike a
    bootstrap it does not take four samples of twenty for proof.

    Examples
    --------
    >>> import torch
    >>> ahead = paired(torch.ones(7) > 0, torch.tensor([1, 1, 1, 1, 0, 0, 0]) > 0)
    >>> round(ahead.value, 3), round(ahead.low, 3)
    (0.429, -0.017)
    """
    n, both = len(first), int((first & second).sum())
    a, b = wilson(int(first.sum()), n), wilson(int(second.sum()), n)
    only_a, only_b = int(first.sum()) - both, int(second.sum()) - both
    phi = correlation(both, only_a, only_b, n - both - only_a - only_b)

    def half(up: float, down: float) -> float:
        return math.sqrt(max(0.0, up**2 - 2 * phi * up * down + down**2))

    ahead = a.value - b.value
    return Estimate(
        ahead,
        ahead - half(a.value - a.low, b.high - b.value),
        ahead + half(a.high - a.value, b.value - b.low),
    )


def correlation(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Return phi of a table of four, corrected for continuity as Newcombe does; 0 where a margin is empty."""
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if not margins:
        return 0.0
    product = both * neither - only_a * only_b
    n = both + only_a + only_b + neither
    return (max(product - n / 2, 0) if product > 0 else product) / math.sqrt(margins)


def difference(first: Tensor, second: Tensor, objective: Objective, y: Tensor, seed: int) -> Estimate:
    """Return how far the first is ahead, with a 95 % interval that knows both answered the same samples."""
    if objective.metric == "accuracy":
        return paired(first == y, second == y)
    draw, n = generator(seed), len(y)
    rows = (torch.randint(n, (n,), generator=draw) for _ in range(RESAMPLES))
    drawn = torch.tensor(
        [objective.score(first[i], y[i]) - objective.score(second[i], y[i]) for i in rows],
        dtype=torch.float64,
    )
    ends = drawn.nanquantile(torch.tensor([0.025, 0.975], dtype=torch.float64))
    ahead = objective.score(first, y) - objective.score(second, y)
    return Estimate(ahead, *ends.tolist())
