"""Pictures of two sizes meet: one is padded or cropped, or the input takes sides that can be halved."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from torch import nn
from torch.nn import functional
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.verbs.check.finding import Case, Finding, product
from nnarch_nb.verbs.check.patches import operand, with_inputs, zeros_of
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.joins import SUMS, source_name

HALVED = (4, 8, 16, 32, 64)


def pad_smaller(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the smaller of two pictures padded to the size of the other."""
    if finding.cause != "join" or case.failure is None or len(finding.sides) != 2:
        return
    sides, operation = finding.sides, case.failure.operation or ""
    if {len(side) - 2 for side in sides} - spatial_dimensions(case.model) or len(sides[0]) != len(sides[1]):
        return
    if operation in SUMS and sides[0][1] != sides[1][1]:
        return
    for which in (0, 1):
        lack = [b - a for a, b in zip(sides[which][2:], sides[1 - which][2:], strict=True)]
        if min(lack) >= 0 and max(lack) > 0:
            pad = tuple(part for size in reversed(lack) for part in (size // 2, size - size // 2))
            text = f"pad what {source_name(case, which)} gives: F.pad(x, {pad})"
            yield Proposal(text, operand(operation, sides, which, partial(functional.pad, pad=pad)))
            yield cropped(case, operation, 1 - which)


def cropped(case: Case, operation: str, which: int) -> Proposal:
    """Return the larger of two pictures without the borders that the other lacks."""
    failure = case.failure
    shapes = tuple(given.shape for given in failure.given) if failure else ()
    small = shapes[1 - which][2:]
    code = f"x[..., {', '.join(f':{size}' for size in small)}]"
    index: Any = (..., *(slice(size) for size in small))
    text = f"crop what {source_name(case, which)} gives: {code}"
    return Proposal(text, operand(operation, shapes, which, lambda x: x[index]))


def spatial_dimensions(model: nn.Module) -> set[int]:
    """Return over how many dimensions its convolutions slide; none for a network of sequences alone."""
    return {len(module.kernel_size) for module in model.modules() if isinstance(module, _ConvNd)}


def round_sides(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield an input whose sides can be halved again and again, where branches of two sizes are to meet."""
    image = case.image
    if len(set(finding.sides)) < 2 or image is None or not image.is_floating_point():
        return
    if finding.cause != "join" or image.dim() - 2 not in spatial_dimensions(case.model):
        return
    tried = {tuple(image.shape[1:])}
    for whole in HALVED:
        sides = tuple(-(-side // whole) * whole for side in image.shape[2:])
        sample = (image.shape[1], *sides)
        if sample not in tried:
            tried.add(sample)
            text = f"give an input of {product(sample, '×')}, whose sides {whole} divides"
            yield Proposal(text, with_inputs(zeros_of(sample), image), "sides")
