"""Checks that the options of verbs share: a wrong one is refused in one line, before any work."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from nnarch_nb.errors import NNArchError, shorten

MOST = 2**63 - 1  # what torch and numpy can count to


def require_whole(name: str, value: Any, least: int, most: int = MOST) -> int:
    """Return a whole number, numpy's too, of at least ``least`` and at most ``most``; refuse all else.

    Examples
    --------
    >>> require_whole("n", 0, 1)
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: n must be a whole number of at least 1, not 0
    """
    if not is_whole(value) or not least <= int(value) <= most:
        bound = f" and at most {most:,}" if most < MOST else ""
        raise NNArchError(f"{name} must be a whole number of at least {least}{bound}, not {shown(value)}")
    return int(value)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, numpy's too; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def require_number(name: str, value: Any, least: float = -math.inf, above: float = -math.inf) -> float:
    """Return a finite number of at least ``least`` and above ``above``; refuse all else.

    Examples
    --------
    >>> require_number("lr", 0, above=0)
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: lr must be a finite number above 0, not 0
    """
    number = as_float(value)
    if not math.isfinite(number) or number < least or number <= above:
        bounds = {" of at least": least, " above": above}
        bound = "".join(f"{word} {end:g}" for word, end in bounds.items() if end > -math.inf)
        raise NNArchError(f"{name} must be a finite number{bound}, not {shown(value)}")
    return number


def as_float(value: Any) -> float:
    """Return a real number as a float; NaN for anything else, and for what no float can hold."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except (OverflowError, ValueError):
        return math.nan


def shown(value: Any) -> str:
    """Return the value as a message quotes it."""
    try:
        return shorten(repr(value))
    except ValueError:  # Python writes out no whole number of more than some thousand digits
        return "one of thousands of digits"
