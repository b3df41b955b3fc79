"""Layers that repeat become one row: thirty-two blocks alike are read once, not thirty-two times.

Siblings fold where they follow each other in the order in which they ran and their fingerprints are
equal, one by one (``×32``) or several in turn (``Linear, ReLU ×5``). What shares its weights with
another module stays apart, so that the sum of a folded row counts no parameter twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nnarch_nb.verbs.summary.layer import Layer

LONGEST = 4  # layers that take turns
FEWEST = 3  # turns of several layers; fewer are read faster one by one
LISTED = 3  # names that are written out


@dataclass(frozen=True)
class Branch:
    """One row of the folded table, with the rows within.

    Attributes
    ----------
    name
        Of the module, or of the first and last of those folded.
    total
        Its figures; of all copies together where it is folded.
    one
        The figures of one copy.
    copies
        How many it stands for.
    inside
        The rows within one copy.
    mark
        Equal for branches that may be folded into one.
    """

    name: str
    total: Layer
    one: Layer
    copies: int
    inside: tuple[Branch, ...]
    mark: str

    @property
    def leaves(self) -> int:
        """How many layers that are looked at as a whole are in one copy."""
        return sum(each.copies * each.leaves for each in self.inside) if self.inside else 1


def tree(rows: Sequence[Layer]) -> tuple[Branch, ...]:
    """Return the rows below the network itself, folded; the network where it is one layer.

    Parameters
    ----------
    rows
        Each after its parent, none within a row that is looked at as a whole.
    """
    within: dict[str, list[Branch]] = {}
    for row in reversed(rows):
        inside = folded(within.pop(row.path, [])[::-1])
        if row.path or not inside:
            within.setdefault(row.path.rpartition(".")[0], []).append(branch(row, inside))
        else:
            within[""] = list(inside)[::-1]
    return tuple(within.get("", [])[::-1])


def branch(row: Layer, inside: tuple[Branch, ...]) -> Branch:
    apart = row.shared_with or any("\0" in each.mark for each in inside)
    return Branch(row.name, row, row, 1, inside, f"\0{row.path}" if apart else row.fingerprint or row.path)


def folded(siblings: list[Branch]) -> tuple[Branch, ...]:
    marks = [each.mark for each in siblings]
    found, place = [], 0
    while place < len(siblings):
        period, copies = repetition(marks, place)
        end = place + period * copies
        found.append(together(siblings[place:end], period))
        place = end
    return tuple(found)


def repetition(marks: list[str], start: int) -> tuple[int, int]:
    """Return how many layers take turns from here, and how often; ``(1, 1)`` where nothing repeats.

    Examples
    --------
    >>> repetition(list("ababab"), 0), repetition(list("aab"), 0), repetition(list("abab"), 0)
    ((2, 3), (1, 2), (1, 1))
    """
    best = (1, 1)
    for period in range(1, LONGEST + 1):
        copies = turns(marks, start, period)
        if copies >= (2 if period == 1 else FEWEST) and period * copies > best[0] * best[1]:
            best = (period, copies)
    return best


def turns(marks: list[str], start: int, period: int) -> int:
    """Return how often the next so many marks come in a row."""
    first, copies = marks[start : start + period], 0
    while marks[start : start + period] == first:
        copies, start = copies + 1, start + period
    return copies


def together(siblings: list[Branch], period: int) -> Branch:
    """Return one branch for siblings of which so many take turns."""
    turn = siblings[:period]
    if len(siblings) == 1:
        return turn[0]
    first = turn[0].one if period == 1 else summed([each.total for each in turn])
    return Branch(
        name=span([each.name for each in siblings]),
        total=summed([each.total for each in siblings]) if period > 1 else added(first, siblings),
        one=first,
        copies=len(siblings) // period,
        inside=turn[0].inside if period == 1 else tuple(turn),
        mark=f"{period}:{','.join(each.mark for each in siblings)}",
    )


def added(first: Layer, siblings: list[Branch]) -> Layer:
    """Return the sum of layers that are alike, which keep what is the same for each."""
    whole = summed([each.total for each in siblings])
    return replace(
        whole, kind=first.kind, input=first.input, calls=first.calls, dtype=first.dtype, kernel=first.kernel,
        own_bytes=first.own_bytes * len(siblings),
    )  # fmt: skip


def summed(layers: list[Layer]) -> Layer:
    """Return layers that follow each other as one."""
    return replace(
        layers[0],
        kind=", ".join(dict.fromkeys(each.kind for each in layers)),
        output=layers[-1].output,
        params=sum(each.params for each in layers),
        own_params=sum(each.own_params for each in layers),
        trainable=sum(each.trainable for each in layers),
        macs=total([each.macs for each in layers]),
        own_bytes=sum(each.own_bytes for each in layers),
        buffers=sum(each.buffers for each in layers),
        memory=total([each.memory for each in layers]),
        receptive_field=layers[-1].receptive_field,
        field_at_most=layers[-1].field_at_most,
        kernel=None,
        lazy=any(each.lazy for each in layers),
    )


def total(figures: list[int | None]) -> int | None:
    """Return the sum; None where one is not known."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None


def span(names: list[str]) -> str:
    """Return names as one.

    Examples
    --------
    >>> span(["0", "1", "2"]), span(["layer_0", "layer_1"]), span(["q", "k", "v"]), span(list("abcd"))
    ('0–2', 'layer_0–1', 'q, k, v', 'a … d')
    """
    parts = [re.fullmatch(r"(.*?)(\d+)", name) for name in names]
    if all(parts) and len({part[1] for part in parts if part}) == 1:
        numbers = [int(part[2]) for part in parts if part]
        if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return f"{names[0]}–{numbers[-1]}"
    return ", ".join(names) if len(names) <= LISTED else f"{names[0]} … {names[-1]}"
