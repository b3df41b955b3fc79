"""Two branches of a network do not fit together where they are added or joined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import zip_longest
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from nnarch_nb.core.trace import Failure, Given
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, where
from nnarch_nb.verbs.check.makers import fresh
from nnarch_nb.verbs.check.patches import Change, all_of, function, operand, setting
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.sequence import held_by

SUMS = {"add", "iadd", "sub", "isub", "mul", "imul", "truediv", "div", "itruediv"}
JOINS = {"cat", "concat", "concatenate", "stack", *SUMS}  # functions whose tensors must agree in size
CONVOLUTIONS = {3: nn.Conv1d, 4: nn.Conv2d, 5: nn.Conv3d}


def do_not_meet(case: Case, failure: Failure) -> Finding | None:
    """Find the shapes that cannot be joined, each with the step that made it."""
    shapes = tuple(g.shape for g in failure.given)
    if failure.operation not in JOINS or len(set(shapes)) < 2:
        return None
    parts = [f"{times(g.shape)} (from {origin(case, failure, g)})" for g in failure.given]
    reason = f"{where(failure)} cannot join {' and '.join(parts)}"
    return found(failure, reason, "join", sides=shapes)


def origin(case: Case, failure: Failure, given: Given) -> str:
    return given.source or held_by(case.layer(failure.path), given.shape) or "a constant"


def project_skip(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a projection of the branch that lacks channels, with the stride that it lacks too."""
    if (
        finding.cause != "join"
        or case.failure is None
        or case.failure.operation not in SUMS
        or len(finding.sides) != 2
    ):
        return
    for which in skip_first(case.failure, case.input_sources):
        skip, main = finding.sides[which], finding.sides[1 - which]
        layer = projection(case, skip, main)
        if layer is not None:
            on = "project the skip: {} on what {} gives" if is_skip(case) else "an {} on what {} gives"
            text = on.format(layer[0], source_name(case, which))
            yield Proposal(text, operand(case.failure.operation or "", finding.sides, which, layer[1]))


def is_skip(case: Case) -> bool:
    """Whether a connection around some layers is what fails: a sum of tensors that the layers made."""
    failure = case.failure
    if failure is None or failure.operation not in ("add", "iadd", "sub", "isub"):
        return False
    return all(given.source and given.source not in case.call.kwargs for given in failure.given)


def source_name(case: Case, which: int) -> str:
    return (case.failure.given[which].source if case.failure else "") or "the skip"


def skip_first(failure: Failure, sources: set[str]) -> tuple[int, int]:
    """Return the operands, that of the skip connection first: the one that went less far."""
    return (0, 1) if failure.given[0].source in sources else (1, 0)


def projection(case: Case, skip: Sizes, main: Sizes) -> tuple[str, Change] | None:
    if len(skip) != len(main) or (skip[0] != main[0] and 1 not in (skip[0], main[0])):
        return None
    if len(skip) in CONVOLUTIONS:
        strides = {-(-a // b) if b else 0 for a, b in zip(skip[2:], main[2:], strict=True)}
        stride = strides.pop() if len(strides) == 1 else 0
        if stride > (skip[1] == main[1]) and tuple(-(-a // stride) for a in skip[2:]) == main[2:]:
            layer = fresh(case.model, CONVOLUTIONS[len(skip)], skip[1], main[1], 1, stride=stride)
            more = f", stride={stride}" if stride > 1 else ""
            return f"nn.{type(layer).__name__}({skip[1]}, {main[1]}, 1{more})", layer
    if skip[1:-1] == main[1:-1] and len(skip) < 4:
        return f"nn.Linear({skip[-1]}, {main[-1]})", fresh(case.model, nn.Linear, skip[-1], main[-1])
    return None


def keep_borders(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield padding for the convolutions whose borders a sum misses."""
    if finding.cause != "join" or not finding.sides or len({s[1:2] for s in finding.sides}) > 1:
        return
    short = {
        path: layer
        for path, layer in case.model.named_modules()
        if within(path, finding.path) and shrinks(layer)
    }
    ran = {row.path for row in case.run.rows if row.calls}
    padded = {path: same_padding(layer) for path, layer in short.items() if path in ran}
    if padded:
        names = " and ".join(padded)
        sizes = sorted({size for sizes in padded.values() for size in sizes})
        text = f"give {names} padding={sizes[0] if len(sizes) == 1 else '(kernel_size - 1) // 2'}"
        yield Proposal(text, all_of(*(setting(path, {"padding": size}) for path, size in padded.items())))


def within(path: str, outer: str) -> bool:
    return not outer or path.startswith(f"{outer}.")


def shrinks(layer: Any) -> bool:
    """Whether a convolution loses its borders and nothing else."""
    plain = (
        isinstance(layer, _ConvNd)
        and not isinstance(layer, _ConvTransposeNd)
        and layer.padding_mode == "zeros"
    )
    return (
        plain
        and set(layer.stride) == {1}
        and isinstance(layer.padding, tuple)
        and layer.padding != same_padding(layer)
    )


def same_padding(layer: Any) -> tuple[int, ...]:
    sizes = zip(layer.dilation, layer.kernel_size, strict=True)
    return tuple(dilation * (kernel - 1) // 2 for dilation, kernel in sizes)


def other_dimension(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a cat along the one dimension in which the shapes differ."""
    failure = case.failure
    if finding.cause != "join" or failure is None or not (failure.operation or "").startswith("c"):
        return
    if len({len(shape) for shape in finding.sides}) > 1:
        return
    columns = list(zip_longest(*finding.sides))
    differ = [i for i, sizes in enumerate(columns) if len(set(sizes)) > 1]
    if len(differ) == 1:
        patch = function(
            failure.operation or "",
            finding.sides,
            lambda func, args, kwargs: torch.cat(args[0] if args else kwargs["tensors"], differ[0]),
        )
        yield Proposal(f"join along the dimension in which they differ: torch.cat(…, dim={differ[0]})", patch)


def spread(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a row of features repeated over the pictures that it is joined to."""
    failure = case.failure
    if finding.cause != "join" or failure is None or len(finding.sides) != 2 or not failure.operation:
        return
    for which in (0, 1):
        row, picture = finding.sides[which], finding.sides[1 - which]
        if len(row) == 2 and len(picture) == 4 and row[0] == picture[0]:
            more = "" if failure.operation in SUMS else f".expand(-1, -1, {picture[2]}, {picture[3]})"
            size = (-1, -1, 1, 1) if failure.operation in SUMS else (-1, -1, *picture[2:])
            text = f"spread what {source_name(case, which)} gives over the picture: x[:, :, None, None]{more}"
            yield Proposal(
                text,
                operand(
                    failure.operation,
                    finding.sides,
                    which,
                    partial(spread_over, size=size),
                ),
            )


def spread_over(x: torch.Tensor, size: Sizes) -> torch.Tensor:
    return x[:, :, None, None].expand(size)
