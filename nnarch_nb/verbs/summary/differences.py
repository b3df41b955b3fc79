"""Why torchinfo's figures are not ours: the difference of each kind of layer, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnarch_nb.core.trace import Trace

FUNCTIONS = "functions between layers"


@dataclass(frozen=True)
class Said:
    """What one run of it left: its text, its totals, and what it says each module cost."""

    text: str
    params: int
    trainable: int
    macs: int
    by_path: dict[str, int]


def differences(said: Said, run: Trace) -> tuple[str, ...]:
    return (*params_differ(said, run), *macs_differ(said, run))


def params_differ(said: Said, run: Trace) -> list[str]:
    if said.params == run.params:
        return []
    shared = any(row.shared_with for row in run.rows)
    idle = any(row.leaf and not row.calls and row.params for row in run.rows)
    why = [
        *(["weights used in several places count once here, every time there"] if shared else []),
        *(["layers that never ran are left out there"] if idle else []),
    ]
    because = f": {'; '.join(why)}" if why else ""
    return [f"Parameters: {said.params:,} there, {run.params:,} here{because}."]


def macs_differ(said: Said, run: Trace) -> list[str]:
    """Return the totals and what each kind of layer adds to the difference, the largest first."""
    if said.macs == run.macs:
        return []
    pairs = by_kind(said, run)
    apart = sorted(
        (kind for kind, (a, b) in pairs.items() if a != b), key=lambda k: -abs(pairs[k][0] - pairs[k][1])
    )
    return [
        f"Multiply-adds: {said.macs:,} there, {run.macs:,} here.",
        *(
            f"{kind}: {pairs[kind][0]:,} there, {pairs[kind][1]:,} here: {why(kind, *pairs[kind])}."
            for kind in apart
        ),
    ]


def by_kind(said: Said, run: Trace) -> dict[str, tuple[int, int]]:
    """Return what torchinfo and we count for each kind of layer, and for what is no layer."""
    found: dict[str, tuple[int, int]] = {}
    within = ""
    for row in run.rows:
        if within and row.path.startswith(within):
            continue
        within = f"{row.path}." if row.leaf and row.path else ""
        if row.leaf:
            theirs, ours = found.get(row.kind, (0, 0))
            found[row.kind] = (theirs + below(said, row.path), ours + (row.macs or 0))
    found[FUNCTIONS] = (0, sum(step.macs for step in run.operations if step.kind == "function"))
    return found


def below(said: Said, path: str) -> int:
    return sum(macs for each, macs in said.by_path.items() if each == path or each.startswith(f"{path}."))


# Tried in this order: whether it applies to what they and we count, and what to say.
REASONS: list[tuple[Callable[[str, int, int], Any], str]] = [
    (lambda kind, theirs, ours: kind == FUNCTIONS, "it sees layers alone"),
    (lambda kind, theirs, ours: not theirs, "it has no rule for this layer"),
    (lambda kind, theirs, ours: not ours, "it counts each weight, here only those of products count"),
    (lambda kind, theirs, ours: theirs < ours, "it counts each weight once a sample, not once a step"),
    (lambda kind, theirs, ours: theirs <= 2 * ours, "it counts biases"),
    (lambda kind, theirs, ours: "Conv" in kind, "it takes every class named so for a convolution"),
    (lambda kind, theirs, ours: True, "its rule is by the number of weights, ours by the kernels that ran"),
]  # fmt: skip


def why(kind: str, theirs: int, ours: int) -> str:
    return next(words for applies, words in REASONS if applies(kind, theirs, ours))
