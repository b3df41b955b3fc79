"""Whether what is asked for fits into this machine's memory, asked before any of it is taken."""

from __future__ import annotations

import os

from nnarch_nb.errors import NNArchError

UNKNOWN_BYTES = 16 * 2**30  # where the system does not tell
SHARE = 3  # samples are held raw, cut into splits and once more while they are scaled


def memory_bytes() -> int:
    """Return how much memory this machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return UNKNOWN_BYTES


def check_room(values: int, what: str, cure: str) -> None:
    """Refuse so many float32 values if the copies that are made of them exceed the memory.

    Raises
    ------
    NNArchError
        They do.

    Examples
    --------
    >>> check_room(10**15, "windows", "lower window=")
    Traceback (most recent call last):
    nnarch_nb.errors.NNArchError: windows would take 3,725,290 GiB of memory, too much here: lower window=
    """
    needed = 4 * values
    if needed * SHARE > memory_bytes():
        raise NNArchError(f"{what} would take {needed / 2**30:,.0f} GiB of memory, too much here: {cure}")
