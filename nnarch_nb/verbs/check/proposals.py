"""Changes that could mend a failing run, each tried before anyone hears of it.

A rule looks at a finding and yields proposals; ``RULES`` is the one table. A trial holds the change in
place for one traced run and takes it back. Where one change only moves the failure on, a second one is
tried on top of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import torch
from torch import nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace import Trace, trace
from nnarch_nb.verbs.check.find import finding_of
from nnarch_nb.verbs.check.finding import Finding, layer_at, product
from nnarch_nb.verbs.check.misfit import RETURNS, Widths, batch_kept
from nnarch_nb.verbs.check.patches import MAKERS, Patch, as_number, before, instead, with_inputs, zeros_of

MOST_TRIALS = 24
MOST_CHANGES = 3  # on top of one another
MOST_SHOWN = 3
HALVED = (4, 8, 16, 32, 64)
MOST_WEIGHTS = 2**30  # a layer made for a trial stays below 4 GiB


@dataclass(frozen=True)
class Proposal:
    """A change in words, and the same as something that can be held in place for a trial."""

    text: str
    patch: Patch


def working(model: nn.Module, call: Call, run: Trace, widths: Widths) -> list[str]:
    """Return the changes after which the run reaches its end, the likeliest first."""
    trials = iter(range(MOST_TRIALS))
    found = list(search(model, call, run, widths, MOST_CHANGES, trials))
    return found[:MOST_SHOWN]


def search(
    model: nn.Module, call: Call, run: Trace, widths: Widths, changes: int, trials: Iterator[int]
) -> Iterator[str]:
    """Yield each chain of changes that makes the run reach its end, tried one upon the other."""
    finding = finding_of(model, call, run, widths)
    if finding is None:
        if batch_kept(call, run):
            yield f"tried: the network then returns {run.output}"
        return
    for proposal in proposals(model, call, finding) if changes else ():
        if next(trials, None) is None:
            return
        with proposal.patch(model, call) as changed:
            again = trace(model, changed, confirm=True)
            after = finding_of(model, changed, again, widths)
            stuck = after is not None and (after.path, after.size) == (finding.path, finding.size)
            rest = None if stuck else next(search(model, changed, again, widths, changes - 1, trials), None)
        if rest is not None:
            yield f"{proposal.text}; {rest}"


def proposals(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    for rule in RULES:
        yield from rule(model, call, finding)


def pool_before_flatten(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield the pooling that shrinks a picture to the features that the layer was made for."""
    if finding.source is None or len(finding.source.output) != 4:
        return
    picture = finding.source.output[1:]
    for size in range(2, min(picture[1:]) + 1):
        shrunk = (picture[0], picture[1] // size, picture[2] // size)
        if prod(shrunk) == finding.expected:
            text = f"a MaxPool2d({size}) before the flatten gives {product(shrunk)} = {finding.expected}"
            # The flatten may be a function that no hook sees: it is undone in front of the layer instead.
            pooled = nn.Sequential(nn.Unflatten(1, picture), nn.MaxPool2d(size), nn.Flatten())
            yield Proposal(text, before(finding.path, pooled))
            return  # a coarser one that comes to the same throws more away


def flatten_first(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield a flatten in front of a linear layer that is given a picture of the right size."""
    shape = finding.shape
    if finding.size == "in_features" and shape and len(shape) > 2 and prod(shape[1:]) == finding.expected:
        text = f"a Flatten() before {finding.path} gives {product(shape[1:])} = {finding.expected}"
        yield Proposal(text, before(finding.path, nn.Flatten()))


def move_channels(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield channels in front, where the input has them behind."""
    (image,) = call.tensors if len(call.tensors) == 1 and call.args else (None,)
    if finding.size == "in_channels" and image is not None and image.dim() == 4:
        order = (0, 3, 1, 2)
        moved = tuple(image.shape[i] for i in order)
        where = "the channels are behind; x.permute(0, 3, 1, 2)" + f" gives {product(moved[1:])}"
        yield Proposal(where, with_inputs(lambda x: x.permute(*order)))


def add_dimension(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield a missing channel or batch dimension."""
    (x,) = call.tensors if len(call.tensors) == 1 and call.args else (None,)
    if x is None or x.dim() > 3 or not x.is_floating_point():
        return
    sample = tuple(x.shape[1:]) if call.sample is not None else tuple(x.shape)
    text = f"the channel is missing: {sample} becomes {(1, *sample)}"
    channel = Proposal(text, with_inputs(lambda x: x.unsqueeze(1)))
    text = f"the batch dimension is missing: {sample} becomes {(1, *sample)}"
    batch = Proposal(text, with_inputs(lambda x: x.unsqueeze(0)))
    if call.sample is not None:
        yield channel
    else:  # a row or a picture with its channels is one sample; a picture without is a batch of none
        yield from (channel, batch) if x.dim() == 2 else (batch, channel)


def convert_type(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield inputs of another type, where whole numbers and fractions are mixed up."""
    if finding.expected is not None or finding.sides:
        return  # a size is wrong; the type was accepted
    if any(x.dtype.is_floating_point for x in call.tensors):
        yield Proposal("whole numbers are wanted: x.long()", with_inputs(lambda x: x.long()))
        dtype = next((p.dtype for p in model.parameters()), torch.float32)
        if any(x.dtype != dtype for x in call.tensors):
            name = str(dtype).removeprefix("torch.")
            yield Proposal(
                f"the weights are {name}: x.to({dtype})", with_inputs(lambda x: as_number(x, dtype))
            )
    else:
        yield Proposal("fractions are wanted: x.float()", with_inputs(lambda x: x.float()))


def resize_layer(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield the failing layer made for the size that it gets, or that it must return."""
    layer = layer_at(model, finding.path)
    make = MAKERS.get(type(layer))
    if make is None or finding.size is None or not finding.path:
        return
    size = finding.expected if finding.size in RETURNS else finding.got
    weights = sum(p.numel() for p in layer.parameters()) // getattr(layer, finding.size) * (size or 0)
    if 0 < weights <= MOST_WEIGHTS:
        try:
            other = make(layer, {finding.size: size})
        except ValueError:  # such as groups that do not divide the channels
            return
        yield Proposal(f"give {finding.path} {finding.size}={size}", instead(finding.path, other))


def round_sides(model: nn.Module, call: Call, finding: Finding) -> Iterator[Proposal]:
    """Yield an input whose sides can be halved again and again, where branches of two sizes are to meet."""
    (image,) = call.tensors if len(call.tensors) == 1 and call.args else (None,)
    if len(set(finding.sides)) < 2 or image is None or image.dim() < 3:
        return
    for whole in HALVED:
        sides = tuple(-(-side // whole) * whole for side in image.shape[2:])
        sample = (image.shape[1], *sides)
        text = f"give an input of {product(sample, '×')}, whose sides {whole} divides"
        yield Proposal(text, with_inputs(zeros_of(sample)))


RULES = (
    pool_before_flatten, flatten_first, move_channels, add_dimension, convert_type, resize_layer, round_sides,
)  # fmt: skip
