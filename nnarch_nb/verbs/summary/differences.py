"""Why torchinfo's figures are not ours: the difference of each kind of layer, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from nnarch_nb.verbs.summary.rule import Reckoned, pruned, reckoned

if TYPE_CHECKING:
    from torch import nn

    from nnarch_nb.core.trace import Trace

FUNCTIONS = "functions between layers"
UNKNOWN = "the reason is not known"


@dataclass(frozen=True)
class Said:
    """What one run of it left: its text, its totals, and what it says each module cost."""

    text: str
    params: int
    trainable: int
    macs: int
    by_path: dict[str, int]


def differences(said: Said, run: Trace, network: nn.Module) -> tuple[str, ...]:
    """Return where torchinfo's figures are not ours, a sentence each, with a reason where one is proven."""
    return (*params_differ(said, run, pruned(network)), *macs_differ(said, run, network))


def params_differ(said: Said, run: Trace, masked: int) -> list[str]:
    if said.params == run.params:
        return []
    parts = {
        "weights used in several places count once here, every time there":
            sum(row.own_params for row in run.rows) - run.params,
        "layers that never ran are left out there":
            -sum(row.own_params for row in run.rows if row.leaf and not row.calls),
        "pruned weights are left out there": -masked,
    }  # fmt: skip
    because = "; ".join(adding_up(parts, said.params - run.params)) or UNKNOWN
    return [f"Parameters: {said.params:,} there, {run.params:,} here: {because}."]


def adding_up(parts: dict[str, int], whole: int) -> list[str]:
    """Return the parts that make up the whole together; none where it cannot be proven."""
    some = [words for words, part in parts.items() if part]
    for many in range(len(some), 0, -1):
        for chosen in combinations(some, many):
            if sum(parts[words] for words in chosen) == whole:
                return list(chosen)
    return []


def macs_differ(said: Said, run: Trace, network: nn.Module) -> list[str]:
    """Return the totals and what each kind of layer adds to the difference, the largest first."""
    if said.macs == run.macs:
        return []
    pairs = by_kind(said, run)
    apart = sorted(
        (kind for kind, (a, b) in pairs.items() if a != b), key=lambda k: -abs(pairs[k][0] - pairs[k][1])
    )
    rules = rule_by_kind(run, network)
    return [
        f"Multiply-adds: {said.macs:,} there, {run.macs:,} here.",
        *(
            f"{kind}: {pairs[kind][0]:,} there, {pairs[kind][1]:,} here: "
            f"{why(kind, *pairs[kind], rules.get(kind, Reckoned()))}."
            for kind in apart
        ),
    ]


def rule_by_kind(run: Trace, network: nn.Module) -> dict[str, Reckoned]:
    """Return what torchinfo's rule makes of the layers of each kind."""
    modules, found = dict(network.named_modules()), dict[str, Reckoned]()
    for row in run.rows:
        if row.leaf and row.path in modules:
            found[row.kind] = found.get(row.kind, Reckoned()).plus(reckoned(row, modules[row.path]))
    return found


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


def why(kind: str, theirs: int, ours: int, rule: Reckoned) -> str:
    if kind == FUNCTIONS:
        return "it sees layers alone"
    if not theirs:
        return "it counts nothing for this layer"
    if rule.macs != theirs:
        return UNKNOWN
    if not ours:
        return "it counts each weight, here only those of products count"
    return ", and ".join(rule.reasons) or UNKNOWN
