"""Checks that the options of verbs share: a wrong one is refused in one line, before any work."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from nnarch_nb.errors import NNArchError, shorten


def require_whole(name: str, value: Any, least: int) -> None:
    """Refuse what is not a whole number of at least ``least``.

    Examples
    --------
    >>> require_whole("n", 0, 1)
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: n must be a whole number of at least 1, not 0
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value < 2**63:
        raise NNArchError(f"{name} must be a whole number of at least {least}, not {shorten(repr(value))}")


def require_number(name: str, value: Any, least: float = -math.inf) -> None:
    """Refuse what is not a finite number of at least ``least``."""
    number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not number or value < least:
        bound = f" of at least {least:g}" if least > -math.inf else ""
        raise NNArchError(f"{name} must be a finite number{bound}, not {shorten(repr(value))}")
