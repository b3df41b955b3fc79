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


def require_bool(name: str, value: Any) -> bool:
    """Return True or False, numpy's too; refuse all else, such as a word that counts as true.

    Examples
    --------
    >>> require_bool("training", "yes")
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: training must be True or False, not 'yes'
    """
    if not isinstance(value, bool) and type(value).__name__ not in ("bool_", "bool"):
        raise NNArchError(f"{name} must be True or False, not {shown(value)}")
    return bool(value)


def require_names(name: str, value: Any) -> list[str]:
    """Return a list of names, each once, of a list or of one name; refuse all else.

    Examples
    --------
    >>> require_names("columns", "macs"), require_names("columns", ["macs", "params", "macs"])
    (['macs'], ['macs', 'params'])
    """
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(each, str) for each in names):
        raise NNArchError(f"{name} must be a list of names, not {shown(value)}")
    return list(dict.fromkeys(names))


def type_name(dtype: Any) -> str:
    """Return the name of a number type, which may be given as torch's own.

    Examples
    --------
    >>> import torch
    >>> type_name(torch.bfloat16), type_name("bfloat16")
    ('bfloat16', 'bfloat16')
    """
    return str(dtype).removeprefix("torch.")


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
