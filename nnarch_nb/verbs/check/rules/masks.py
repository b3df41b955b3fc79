"""Masks of another shape than what they cover."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, where, who
from nnarch_nb.verbs.check.patches import Change, entering, operand
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.types import FILLS

PADDING = re.compile(r"key_padded_mask\.shape\[\d\] to be (\d+), but got (\d+)|key_padding_mask")
PAIRS = re.compile(r"2D attn_mask is torch\.Size\(\[([\d, ]+)\]\), but should be \(([\d, ]+)\)")


def mask_shape(case: Case, failure: Failure) -> Finding | None:
    """Find a mask of another shape than attention takes."""
    layer = case.layer(failure.path)
    if not isinstance(layer, nn.MultiheadAttention) or len(failure.inputs) < 4:
        return None
    pairs = PAIRS.search(failure.message)
    if pairs is not None:
        got, wanted = (tuple(int(size) for size in part.split(",")) for part in pairs.groups())
        reason = (
            f"{who(failure)} wants an attn_mask of {times(wanted)} (targets, sources) but gets {times(got)}"
        )
        return found(failure, reason, "mask shape", detail=got)
    if PADDING.search(failure.message) is None:
        return None
    query, got = failure.inputs[0], failure.inputs[3]
    wanted = query[:2] if layer.batch_first else query[1::-1]
    reason = (
        f"{who(failure)} wants a key_padding_mask of {times(wanted)} (batch, sequence) but gets {times(got)}"
    )
    return found(failure, reason, "mask shape", detail=got)


def turn_mask(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the mask transposed."""
    if finding.cause != "mask shape":
        return

    def turned(value: Any) -> Any:
        return value.T if isinstance(value, Tensor) and tuple(value.shape) == finding.detail else value

    def change(args: Any, kwargs: Any) -> Any:
        return (*args[:3], *map(turned, args[3:])), {key: turned(value) for key, value in kwargs.items()}

    yield Proposal("the mask transposed: mask.T", entering(finding.path, change))


def fill_shape(case: Case, failure: Failure) -> Finding | None:
    """Find a mask that does not cover what it is to fill."""
    if failure.operation not in FILLS or len(failure.given) < 2:
        return None
    scores, mask = failure.given[:2]
    if covers(mask.shape, scores.shape):
        return None
    names = [given.source or "a constant" for given in (mask, scores)]
    reason = (
        f"{where(failure)} cannot lay a mask of {times(mask.shape)} (from {names[0]}) "
        f"over {times(scores.shape)} (from {names[1]})"
    )
    return found(failure, reason, "fill", detail=(scores.shape, mask.shape))


def covers(mask: Sizes, scores: Sizes) -> bool:
    ends = zip(reversed(mask), reversed(scores), strict=False)
    return len(mask) <= len(scores) and all(m in (1, s) for m, s in ends)


def reshape_fill(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the mask of each sample laid over heads and queries, or turned."""
    failure = case.failure
    if finding.cause != "fill" or failure is None or not failure.operation:
        return
    scores, mask = finding.detail
    shapes = tuple(given.shape for given in failure.given)
    for code, sizes, change in laid(mask, len(scores)):
        if covers(sizes, scores):
            text = f"mask{code} gives {times(sizes)}"
            yield Proposal(text, operand(failure.operation, shapes, 1, change))


def laid(mask: Sizes, dimensions: int) -> Iterator[tuple[str, Sizes, Change]]:
    """Yield ways to look at a mask: code, sizes, and what does it."""
    more = dimensions - len(mask)
    if len(mask) > 1 and more > 0:  # of each sample: the missing dimensions lie behind the first
        index = (slice(None), *[None] * more)
        yield f"[:{', None' * more}]", (mask[0], *[1] * more, *mask[1:]), lambda m: m[index]
    if more > 0:
        after = (..., *[None] * more)
        yield f"[...{', None' * more}]", (*mask, *[1] * more), lambda m: m[after]
    if len(mask) > 1:
        yield ".transpose(-2, -1)", (*mask[:-2], mask[-1], mask[-2]), lambda m: m.transpose(-2, -1)
