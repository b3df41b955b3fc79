"""How source code reaches the person who asked for it, without knowing where that person sits.

A verb with ``code=True`` hands the plain PyTorch that does the same to ``offer``; it never prints. A
notebook puts it into the next cell, a terminal shows it, in a test nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable

Show = Callable[[str], None]
_shows: list[Show] = []


def listen(show: Show, fallback: bool = False) -> Callable[[], None]:
    """Let ``show(code)`` have all code from now on; return how to undo it.

    Parameters
    ----------
    show
        The newest one is told.
    fallback
        Tell it only when no other is set.
    """
    _shows.insert(0 if fallback else len(_shows), show)
    return lambda: _shows.remove(show)


def offer(code: str) -> bool:
    """Hand the code to the newest listener; return whether there is one.

    Examples
    --------
    >>> seen = []
    >>> undo = listen(seen.append)
    >>> offer("import torch")
    True
    >>> undo()
    >>> seen
    ['import torch']
    """
    if _shows:
        _shows[-1](code)
    return bool(_shows)
