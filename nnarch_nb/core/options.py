"""Checks that the options of verbs share: a wrong one is refused in one line, before any work."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from nnarch_nb.errors import NNArchError, shorten

MOST = 2**63 - 1  # what torch and numpy can count to


def require_whole(name: str, value: Any, least: int, most: int = MOST) -> None:
    """Refuse what is not a whole number of at least ``least`` and at most ``most``.

    Examples
    --------
    >>> require_whole("n", 0, 1)
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: n must be a whole number of at least 1, not 0
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        bound = f" and at most {most:,}" if most < MOST else ""
        raise NNArchError(
            f"{name} must be a whole number of at least {least}{bound}, not {shorten(repr(value))}"
        )


def require_number(name: str, value: Any, least: float = -math.inf, above: float = -math.inf) -> None:
    """Refuse what is not a finite number of at least ``least`` and above ``above``.

    Examples
    --------
    >>> require_number("lr", 0, above=0)
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: lr must be a finite number above 0, not 0
    """
    number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not number or value < least or value <= above:
        bounds = {" of at least": least, " above": above}
        bound = "".join(f"{word} {end:g}" for word, end in bounds.items() if end > -math.inf)
        raise NNArchError(f"{name} must be a finite number{bound}, not {shorten(repr(value))}")
