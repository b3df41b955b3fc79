"""Wide tables as text: cut into blocks that a terminal shows unbroken."""

from __future__ import annotations

from nnarch_nb.views.result import columns

WIDTH = 80  # of a terminal
GAP = 2  # between two columns


def blocks(rows: list[list[str]], width: int = WIDTH) -> str:
    """Return rows in aligned columns, in as many blocks as keep to the width; each has the first column.

    Examples
    --------
    >>> print(blocks([["", "one", "two"], ["name", "123", "456"]], width=10))
          one
    name  123
    <BLANKLINE>
          two
    name  456
    """
    first, *sizes = (max(map(len, column)) for column in zip(*rows, strict=True))
    parts: list[list[int]] = [[]]
    taken = first
    for i, size in enumerate(sizes, 1):
        if parts[-1] and taken + GAP + size > width:
            parts.append([])
            taken = first
        parts[-1].append(i)
        taken += GAP + size
    return "\n\n".join(columns([[row[0], *(row[i] for i in part)] for row in rows]) for part in parts)
