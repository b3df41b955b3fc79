"""Attention: heads, and the product of queries and keys."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from torch import nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, where, who
from nnarch_nb.verbs.check.patches import operand, setting
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.reshape import VIEWS, sizes_of
from nnarch_nb.verbs.check.rules.sequence import held_by

WIDTH = (
    "head_dim",
    "d_head",
    "dim_head",
    "d_k",
    "dk",
    "depth",
    "head_size",
    "attention_head_size",
    "dim_per_head",
)
COUNT = ("num_heads", "n_heads", "n_head", "nhead", "nheads", "heads", "num_attention_heads", "h")
MOST_LISTED = 8


def heads(case: Case, failure: Failure) -> Finding | None:
    """Find attention whose number of heads does not divide its features."""
    count = head_count(case.layer(failure.path))
    if failure.operation not in VIEWS or count is None or not failure.given or not failure.given[0].shape:
        return None
    name, number = count
    width = split_width(failure.given[0].shape, sizes_of(failure.values), number)
    if number < 1 or width % number == 0:
        return None
    fit = [n for n in range(1, width + 1) if width % n == 0]
    listed = ", ".join(map(str, fit[:MOST_LISTED])) + (", …" if len(fit) > MOST_LISTED else "")
    reason = (
        f"{who(failure)} splits {width} features over {number} heads ({name}), which leaves a rest; "
        f"{listed} heads would do"
    )
    nearest = sorted(fit, key=lambda n: (abs(n - number), n))[:2]
    return found(failure, reason, "heads", detail=(name, number, width, nearest))


def split_width(shape: Sizes, sizes: Sizes, number: int) -> int:
    """Return how many features are split over the heads: of queries, keys and values in one, a third."""
    width, parts = shape[-1], list(sizes[len(shape) - 1 :])
    if number not in parts:
        return width
    parts.remove(number)
    together = [prod(parts) // part for part in parts if part]
    fits = (n for n in together if n > 1 and width % n == 0)
    fused = [n for n in fits if width // n // number in parts or -1 in parts]
    return width // min(fused) if fused else width


def head_count(layer: nn.Module) -> tuple[str, int] | None:
    return next(((name, vars(layer)[name]) for name in COUNT if type(vars(layer).get(name)) is int), None)


def other_heads(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the nearest numbers of heads that divide the features."""
    if finding.cause != "heads":
        return
    name, number, width, nearest = finding.detail
    widths = [key for key in WIDTH if vars(case.layer(finding.path)).get(key) == width // number]
    for heads in nearest:
        values = {name: heads, **dict.fromkeys(widths, width // heads)}
        yield Proposal(
            f"give {finding.who} {name}={heads}, {width // heads} features each",
            setting(finding.path, values),
        )


def unequal_product(case: Case, failure: Failure) -> Finding | None:
    """Find two matrices that cannot be multiplied."""
    if (
        failure.operation not in ("matmul", "bmm", "mm", "linear")
        or len(failure.given) < 2
        or is_linear(case, failure)
    ):
        return None
    first, second = failure.given[:2]
    if len(first.shape) < 2 or len(second.shape) < 2 or first.shape[-1] == second.shape[-2]:
        return None
    names = [g.source or held_by(case.layer(failure.path), g.shape) or "a constant" for g in (first, second)]
    reason = (
        f"{where(failure)} cannot multiply {times(first.shape)} (from {names[0]}) by {times(second.shape)} "
        f"(from {names[1]}): {first.shape[-1]} columns meet {second.shape[-2]} rows"
    )
    return found(failure, reason, "product", detail=(first.shape, second.shape))


def is_linear(case: Case, failure: Failure) -> bool:
    return isinstance(case.layer(failure.path), nn.Linear) or failure.operation == "linear"


def transpose_second(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the second matrix of a product transposed, as keys are in attention."""
    if finding.cause != "product" or case.failure is None or case.failure.operation is None:
        return
    first, second = finding.detail
    if first[-1] == second[-1]:
        gives = times((*second[:-2], second[-1], second[-2]))
        text = f"the second one transposed: .transpose(-2, -1) gives {gives}"
        yield Proposal(
            text, operand(case.failure.operation, (first, second), 1, lambda x: x.transpose(-2, -1))
        )
