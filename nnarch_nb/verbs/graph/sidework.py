"""Side work: arithmetic that prepares masks, positions or rotary angles, drawn as one small box.

It is told by the author's own words, the names of the functions it is written in and of the inputs it
starts from, and by where it comes from: what is made of truth values alone is a mask.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from nnarch_nb.core.trace import Edge, Operation

WORDS = {
    "rotary": ("rotary", "rope", "rotate"),
    "mask": ("mask", "causal"),
    "positions": ("position", "alibi"),
    "packing": ("run_packed",),  # how build runs recurrent layers over samples of different lengths
}
TRUTH = {
    "eq", "ne", "gt", "ge", "lt", "le", "isnan", "isinf", "isfinite", "invert",
    "logical_not", "logical_and", "logical_or", "logical_xor",
}  # fmt: skip
LEAST = 2  # steps: a single one says best itself what it is


def side_work(steps: tuple[Operation, ...], edges: tuple[Edge, ...]) -> dict[int, str]:
    """Return for each step of some side work its name."""
    names = named(steps, edges)
    found: dict[int, str] = {}
    pieces = groupby(steps, key=lambda step: (names.get(step.id, ""), step.path, step.repeats))
    for (name, *_), piece in pieces:
        members = list(piece)
        if name and len(members) >= LEAST:
            found |= dict.fromkeys((step.id for step in members), name)
    return found


def named(steps: tuple[Operation, ...], edges: tuple[Edge, ...]) -> dict[int, str]:
    """Return which kind of side work each function is a part of, if of any."""
    sources: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        sources[edge.target].add(edge.source)
    names: dict[int, str] = {}
    made_of: dict[int, str] = {}  # what holds no features, so that what is made of it alone does not either
    for step in steps:
        behind = {made_of.get(source) for source in sources[step.id]}
        if step.kind == "input":
            made = word_in(step.name)
        elif step.kind == "function":
            inherited = behind.pop() if len(behind) == 1 else None
            helper = word_in(step.helper)
            made = inherited or ("mask" if step.name in TRUTH or helper == "mask" else None)
            names[step.id] = helper or made or ""
        else:
            made = None
        if made:
            made_of[step.id] = made
    return names


def word_in(text: str) -> str | None:
    """Return which kind of side work a name speaks of.

    Examples
    --------
    >>> word_in("apply_rotary_pos_emb"), word_in("attention_mask"), word_in("forward")
    ('rotary', 'mask', None)
    """
    lower = text.lower()
    return next((name for name, words in WORDS.items() if any(word in lower for word in words)), None)
