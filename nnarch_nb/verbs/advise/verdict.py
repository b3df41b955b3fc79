"""Who is ahead: decided by the same validation samples, or left open."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from nnarch_nb.core.rng import generator
from nnarch_nb.core.stats import Estimate
from nnarch_nb.verbs.advise.contest import Entrant
from nnarch_nb.verbs.advise.record import Outcome, Reason, Verdict
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


def difference(first: Tensor, second: Tensor, objective: Objective, y: Tensor, seed: int) -> Estimate:
    """Return how far the first is ahead, with the percentile interval of a bootstrap over samples."""
    draw, n = generator(seed), len(y)
    rows = (torch.randint(n, (n,), generator=draw) for _ in range(RESAMPLES))
    drawn = torch.tensor(
        [objective.score(first[i], y[i]) - objective.score(second[i], y[i]) for i in rows],
        dtype=torch.float64,
    )
    ends = drawn.nanquantile(torch.tensor([0.025, 0.975], dtype=torch.float64))
    ahead = objective.score(first, y) - objective.score(second, y)
    return Estimate(ahead, *ends.tolist())
