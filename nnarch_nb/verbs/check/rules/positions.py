"""Tables of positions that are shorter or longer than the sequence that they meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from math import prod

import torch

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, who
from nnarch_nb.verbs.check.makers import MOST_WEIGHTS
from nnarch_nb.verbs.check.patches import holding, operand, with_inputs
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.joins import SUMS
from nnarch_nb.verbs.check.rules.sequence import held_by, held_tensors

EXPANDED = re.compile(r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)")
TIME = -2  # of a sequence and of a table of positions alike


def other_positions(case: Case, failure: Failure) -> Finding | None:
    """Find a table of positions of another length than the sequence that it meets."""
    if failure.operation not in SUMS or len(failure.given) != 2:
        return None
    sequence, table = sorted(failure.given, key=lambda g: not g.source)
    if not sequence.source or table.source or not is_table(table.shape, sequence.shape):
        return None
    name = held_by(case.layer(failure.path), table.shape)
    steps, positions = sequence.shape[TIME], table.shape[TIME]
    if not name or positions in (1, steps):
        return None
    reason = f"{name} of {who(failure)} is made for {positions} positions but the sequence has {steps}"
    cause = "positions" if positions < steps else "surplus positions"
    detail = (name, failure.given.index(table))
    return found(failure, reason, cause, expected=positions, got=steps, detail=detail)


def is_table(table: Sizes, sequence: Sizes) -> bool:
    """Whether one is a row of features for each position: the same for all samples, and for all heads."""
    shared = len(table) > 1 and prod(table[:TIME]) == 1 and table[-1] == sequence[-1]
    return shared and (len(sequence) == 3 or (len(sequence) == 4 and len(table) != 3))


def more_positions(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a longer table of positions."""
    if finding.cause == "positions" and finding.detail is not None:
        name = finding.detail[0]
        table = held_tensors(case.layer(finding.path))[name]
        shape = (*table.shape[:TIME], finding.got or 0, table.shape[-1])
        if prod(shape) <= MOST_WEIGHTS:
            patch = holding(finding.path, name, table.detach().new_zeros(shape))
            yield Proposal(f"give {name} {finding.got} positions: the shape {shape}", patch)


def fewer_positions(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the part of a long table that the sequence takes."""
    failure = case.failure
    if finding.cause != "surplus positions" or failure is None or not failure.operation:
        return
    name, which = finding.detail
    steps, shapes = finding.got or 0, tuple(g.shape for g in failure.given)
    before = ":, " * (len(shapes[which]) - 2)
    change = partial(torch.narrow, dim=TIME, start=0, length=steps)
    patch = operand(failure.operation, shapes, which, change)
    yield Proposal(f"take the first {steps} of them: self.{name}[{before}:{steps}]", patch)


def made_shorter(case: Case, failure: Failure) -> Finding | None:
    """Find positions that a network keeps for shorter sequences."""
    told = EXPANDED.search(failure.message)
    steps, positions = map(int, told.groups()) if told else (0, 0)
    if positions >= steps or positions < 2 or not any(x.shape[1:2] == (steps,) for x in case.call.tensors):
        return None
    reason = f"{who(failure)} is made for {positions} positions but the sequence has {steps}"
    return found(failure, reason, "positions", expected=positions, got=steps)


def shorter_sequence(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a sequence that is cut to what the table of positions holds."""
    most, steps = finding.expected, finding.got
    long = any(x.shape[1:2] == (steps,) for x in case.call.tensors)
    if finding.cause in ("positions", "rows") and long and most:
        cut = with_inputs(lambda x: x[:, :most] if x.shape[1:2] == (steps,) else x)
        yield Proposal(f"a sequence of at most {most}: x[:, :{most}]", cut)
