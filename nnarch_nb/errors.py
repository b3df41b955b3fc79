"""The package's one error: a user's mistake, told in one line with its cure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class NNArchError(Exception):
    r"""A mistake in what was asked: what is wrong, where, and what to do, in one line.

    Notebooks show the line and its notes alone, such as the place in a text with a caret beneath it; scripts
    and test runners see an ordinary exception.

    Examples
    --------
    >>> print(NNArchError("no layer\n   is called Conv2D"))
    no layer is called Conv2D
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(str(message).split()))
        self.cures: tuple[object, ...] = ()  # for tools: what would mend it, where whoever raises it knows

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}", *getattr(self, "__notes__", ())]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean `x`?`` for the nearest known word, or nothing.

    Examples
    --------
    >>> did_you_mean("sumary", ["summary", "graph"])
    ' Did you mean `summary`?'
    >>> did_you_mean("zzz", ["summary", "graph"])
    ''
    """
    near = nearest(word, known)
    return f" Did you mean `{near}`?" if near else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was nearly written, if there is one.

    Examples
    --------
    >>> nearest("Conv2D", ["Conv2d", "Conv3d"])
    'Conv2d'
    """
    folded = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def pick(name: str, table: Mapping[str, T], what: str) -> T:
    """Return ``table[name]``, or raise an error that names the nearest entry and all of them.

    Raises
    ------
    NNArchError
        The table has no such entry.

    Examples
    --------
    >>> pick("fgsm", {"fgsm": 1, "pgd": 2}, "attack")
    1
    """
    if name in table:
        return table[name]
    raise NNArchError(
        f"no {what} is called {shorten(name)!r}.{did_you_mean(name, table)} Known: {', '.join(table)}."
    )


def reason_of(error: BaseException) -> str:
    """Return why a file cannot be had: the system's own words, without number and name, where it has some.

    Examples
    --------
    >>> reason_of(FileNotFoundError(2, "No such file or directory", "a.txt")), reason_of(ValueError("no"))
    ('No such file or directory', 'no')
    """
    return str(getattr(error, "strerror", None) or error)


def shorten(text: object, limit: int = 80) -> str:
    """Return the text on one line, cut in the middle when it is longer than ``limit`` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else f"{line[: limit * 2 // 3]} … {line[-limit // 4 :]}"
