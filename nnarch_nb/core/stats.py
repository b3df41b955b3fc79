"""Intervals: how far a measured share can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """A share of ``n`` with its 95 % Wilson interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%}, n = {self.n:,})"


def wilson(hits: int, n: int) -> Share:
    """Return ``hits / n`` with its 95 % interval.

    Parameters
    ----------
    hits, n
        Successes and trials; ``n`` may be 0, which says nothing: the interval is then (0, 1).

    Notes
    -----
    The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927): unlike the normal approximation it stays inside [0, 1] and keeps its
    coverage near the ends, where accuracies live.

    Examples
    --------
    >>> print(wilson(95, 100))
    95.0% (88.8% to 97.8%, n = 100)
    """
    if n == 0:
        return Share(float("nan"), 0.0, 1.0, 0)
    share, spread = hits / n, Z95**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At the ends the interval touches the share; rounding must not push it past.
    return Share(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)), n)


@dataclass(frozen=True)
class Estimate:
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float
