"""The picture behind a row of features: where it was flattened, and what makes it fit."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt, prod

from torch import nn

from nnarch_nb.core.layers import layer_family
from nnarch_nb.core.trace import Operation, Shape, Trace
from nnarch_nb.verbs.check import Step
from nnarch_nb.verbs.check.finding import Case, Finding, product
from nnarch_nb.verbs.check.makers import remade
from nnarch_nb.verbs.check.patches import Patch, all_of, before, instead
from nnarch_nb.verbs.check.proposal import Proposal

RESHAPES = {
    "Flatten", "flatten", "view", "reshape", "squeeze", "unflatten", "Unflatten", "contiguous", "ravel",
    "Dropout", "dropout", "Dropout2d", "Identity", "clone", "to", "float",
}  # fmt: skip


def source_of(run: Trace, shape: Shape) -> Step | None:
    """Return the picture of several dimensions that was flattened to the last result of this shape.

    The dataflow is followed back from there, through what moves numbers and what leaves their places.
    """
    made = {edge.target: edge.source for edge in run.edges}
    at = next((op for op in reversed(run.operations) if op.shapes[:1] == (shape,)), None)
    while at is not None and at.kind in ("module", "function"):
        output = at.shapes[0]
        if len(output) > 2:
            return Step(at.path if at.kind == "module" else "", at.name, output)
        at = run.operations[made[at.id]] if keeps_numbers(at) and at.id in made else None
        if at is not None and (not at.shapes or prod(at.shapes[0]) != prod(shape)):
            return None
    return None


def keeps_numbers(step: Operation) -> bool:
    family = layer_family(step.name)
    return step.name in RESHAPES or family in ("activation", "normalization")


def pool_before_flatten(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the pooling that shrinks a picture to the features that the layer was made for."""
    if finding.source is None or len(finding.source.output) != 4 or finding.expected is None:
        return
    picture = finding.source.output[1:]
    for size in range(2, min(picture[1:]) + 1):
        shrunk = (picture[0], picture[1] // size, picture[2] // size)
        if prod(shrunk) == finding.expected:
            text = f"a MaxPool2d({size}) before the flatten gives {product(shrunk)} = {finding.expected}"
            yield Proposal(text, pooled(finding, nn.MaxPool2d(size)))
            return  # a coarser one that comes to the same throws more away
    side = isqrt(finding.expected // picture[0])
    if picture[0] * side**2 == finding.expected and side:
        equation = f"{picture[0]}·{side}·{side} = {finding.expected}"
        text = f"an AdaptiveAvgPool2d({side}) before the flatten gives {equation}"
        yield Proposal(text, pooled(finding, nn.AdaptiveAvgPool2d(side)))


def pooled(finding: Finding, pool: nn.Module) -> Patch:
    # The flatten may be a function that no hook sees: it is undone in front of the layer instead.
    picture = finding.source.output[1:] if finding.source else ()
    return before(finding.path, nn.Sequential(nn.Unflatten(1, picture), pool, nn.Flatten()))


def flatten_first(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a flatten in front of a linear layer that is given a picture."""
    shape = finding.shape
    if finding.size != "in_features" or not shape or len(shape) < 3:
        return
    equation = f"{product(shape[1:])} = {prod(shape[1:])}"
    text = f"a Flatten() before {finding.who} gives {equation}"
    if prod(shape[1:]) == finding.expected:
        yield Proposal(text, before(finding.path, nn.Flatten()))
    elif len(shape) > 3:  # a picture
        other = remade(case.layer(finding.path), in_features=prod(shape[1:]))
        if other is not None:
            text += f", and give {finding.who} in_features={prod(shape[1:])}"
            yield Proposal(text, all_of(instead(finding.path, other), before(finding.path, nn.Flatten())))
