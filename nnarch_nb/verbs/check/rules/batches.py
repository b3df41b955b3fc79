"""The inputs hold different numbers of samples."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, where, who
from nnarch_nb.verbs.check.patches import with_inputs
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.joins import JOINS

PARTS = ("query", "key", "value")


def other_batches(case: Case, failure: Failure) -> Finding | None:
    """Find tensors that differ in nothing but how many samples they hold, as the inputs do."""
    batches = list(dict.fromkeys(int(x.shape[0]) for x in case.call.tensors if x.dim()))
    attention = isinstance(case.layer(failure.path), nn.MultiheadAttention)
    if len(batches) < 2 or not (attention or failure.operation in JOINS):
        return None
    shapes = failure.inputs[:3] if attention else tuple(given.shape for given in failure.given)
    first = 0 if not attention or getattr(case.layer(failure.path), "batch_first", False) else 1
    got = sizes_at(shapes, first)
    if len(set(got)) < 2 or not set(got) <= set(batches) or (not attention and not alike(shapes)):
        return None
    reason = f"{where(failure)} cannot join samples: the inputs have batches of {listed(batches)}"
    if attention:
        parts = [f"a {part} of {size}" for part, size in zip(PARTS, got, strict=False)]
        reason = f"{who(failure)} is given batches of different sizes: {', '.join(parts)}"
    return found(failure, reason, "batches", detail=min(got))


def sizes_at(shapes: tuple[Sizes, ...], dimension: int) -> list[int]:
    return [shape[dimension] for shape in shapes if len(shape) > max(dimension, 1)]


def alike(shapes: tuple[Sizes, ...]) -> bool:
    return len({shape[1:] for shape in shapes}) == 1 or len({len(shape) for shape in shapes}) == 1


def listed(sizes: list[int]) -> str:
    return f"{', '.join(map(str, sizes[:-1]))} and {sizes[-1]}"


def same_samples(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield as many samples of each input as the shortest has."""
    if finding.cause == "batches":
        most = finding.detail
        text = f"as many samples of each input as the smallest has: x[:{most}]"
        yield Proposal(text, with_inputs(lambda x: x[:most] if x.dim() else x))
