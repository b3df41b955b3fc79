"""How text becomes a number, a path or a switch: one reader for each plain type of a signature."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def number(text: str) -> float:
    """Return the number; a fraction such as ``8/255`` is one.

    Examples
    --------
    >>> number("1e-3"), number("1/4")
    (0.001, 0.25)
    """
    above, slash, below = text.partition("/")
    value = float(above) / float(below) if slash else float(text)
    if value != value:
        raise ValueError("not a number")
    return value


def whole(text: str) -> int:
    """Return the whole number; ``5e3`` is one.

    Examples
    --------
    >>> whole("1_000"), whole("5e3")
    (1000, 5000)
    """
    if re.fullmatch(r"\d+e\d", text):
        return int(float(text))
    return int(text)


SWITCH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def switch(text: str) -> bool:
    return SWITCH[text.lower()]


@dataclass(frozen=True)
class Reader:
    """How text becomes a value: ``what`` names it in help, ``expected`` in messages."""

    what: str
    expected: str
    read: Callable[[str], Any]


PLAIN: dict[Any, Reader] = {
    int: Reader("whole number", "a whole number", whole),
    float: Reader("number", "a number such as 0.1 or 8/255", number),
    bool: Reader("yes | no", "yes or no", switch),
    Path: Reader("path", "a path", Path),
    str: Reader("text", "text", str),  # last: it takes every word
}
