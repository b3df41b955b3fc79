"""The right numbers lie in the wrong dimension, or a dimension is missing or one too many."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.pooling import _AdaptiveAvgPoolNd, _AdaptiveMaxPoolNd, _AvgPoolNd, _MaxPoolNd

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, found, times, who
from nnarch_nb.verbs.check.makers import other_kind
from nnarch_nb.verbs.check.patches import all_of, before, instead, leaving, with_inputs
from nnarch_nb.verbs.check.proposal import Proposal

SPATIAL = (_ConvNd, _NormBase, _AvgPoolNd, _MaxPoolNd, _AdaptiveAvgPoolNd, _AdaptiveMaxPoolNd)
COLOURS = (1, 3, 4)
MEANS = {1: "a row of channels over time", 2: "a picture", 3: "a video or volume"}


def other_dimensions(case: Case, failure: Failure) -> Finding | None:
    """Find a layer for sequences, pictures or volumes that is given another number of dimensions."""
    layer, shape = case.layer(failure.path), failure.inputs[0] if failure.inputs else ()
    n = dimensions_of(layer)
    if n is None or not shape or len(shape) in allowed(layer, n):
        return None
    wants = " or ".join(map(str, sorted(allowed(layer, n))))
    reason = f"{who(failure)} takes {wants} dimensions, {MEANS[n]}, but gets {len(shape)}: {times(shape)}"
    return found(failure, reason, "dimensions", detail=n)


def dimensions_of(layer: nn.Module) -> int | None:
    name = type(layer).__name__
    known = isinstance(layer, SPATIAL) and name[-2:] in ("1d", "2d", "3d")
    return int(name[-2]) if known else None


def allowed(layer: nn.Module, n: int) -> set[int]:
    if isinstance(layer, nn.BatchNorm1d):
        return {2, 3}
    return {n + 2} if isinstance(layer, nn.modules.batchnorm._BatchNorm) else {n + 1, n + 2}


def move_axis(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the channels or features moved to where the layer looks for them."""
    shape, to = finding.shape, finding.dimension
    if not shape or to is None or finding.expected not in shape:
        return
    for at in reversed([i for i, size in enumerate(shape) if size == finding.expected and i != to]):
        batch = len(shape) > 2 and to != 0
        # Without a batch the first size may yet be one: what stands second then stands right.
        second = to == 0 and at == 1 and len(shape) > 2 and takes_the_input(case, finding)
        if not (batch and at == 0) and not second:
            yield from moved(case, finding, order_of(len(shape), at, to))


def order_of(dimensions: int, at: int, to: int) -> tuple[int, ...]:
    order = [i for i in range(dimensions) if i != at]
    order.insert(to, at)
    return tuple(order)


def moved(case: Case, finding: Finding, order: tuple[int, ...]) -> Iterator[Proposal]:
    swapped = [i for i, j in enumerate(order) if i != j]
    x = case.x if takes_the_input(case, finding) else "x"
    code = f"{x}.transpose{tuple(swapped)}" if len(swapped) == 2 else f"{x}.permute{order}"
    shape = tuple((finding.shape or ())[i] for i in order)
    if finding.dimension == 0 and takes_the_input(case, finding):
        gives = times((1, *shape))
        text = f"the channels are behind and the batch is missing; {code}.unsqueeze(0) gives {gives}"
        yield Proposal(text, with_inputs(lambda x: x.permute(order).unsqueeze(0), case.image))
        return
    if takes_the_input(case, finding):
        batched = case.call.sample is not None or order[0] == 0
        gives = "·".join(map(str, shape[1:] if batched else shape))
        behind = (
            "the channels are behind"
            if finding.size == "in_channels"
            else "the dimensions are in another order"
        )
        yield Proposal(f"{behind}; {code} gives {gives}", with_inputs(lambda x: x.permute(order), case.image))
    else:
        text = f"{code} before {finding.who} gives {times(shape)}"
        yield Proposal(text, before(finding.path, lambda x: x.permute(order)))


def takes_the_input(case: Case, finding: Finding) -> bool:
    """Whether the failing layer is given the network's own input."""
    given = case.failure.arguments[:1] if case.failure else ()
    image = case.image
    return (
        image is not None
        and bool(given)
        and given[0].source in case.input_sources
        and given[0].shape == tuple(image.shape)
    )


def other_number(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a dimension less, frames as pictures of their own, or the layer's sister of other dimensions."""
    if finding.cause != "dimensions" or not finding.shape:
        return
    shape, n = finding.shape, finding.detail
    yield from squeezed(finding, shape, n)
    if len(shape) == n + 3 and takes_the_input(case, finding):
        yield frame_by_frame(shape[:2])
    yield from sister(case, finding, len(shape))


def frame_by_frame(sizes: tuple[int, ...]) -> Proposal:
    """Return the network run on each frame of a video as on a sample of its own."""

    def apart(result: Any) -> Any:
        return result.unflatten(0, sizes) if isinstance(result, torch.Tensor) else result

    text = f"x.flatten(0, 1) takes each frame for a sample; the result then takes .unflatten(0, {sizes})"
    return Proposal(text, all_of(before("", lambda x: x.flatten(0, 1)), leaving("", apart)))


def squeezed(finding: Finding, shape: tuple[int, ...], n: int) -> Iterator[Proposal]:
    single = [i for i, size in enumerate(shape) if size == 1 and i]
    if len(shape) == n + 3:
        for i in single:
            text = f"x.squeeze({i}) before {finding.who} gives {times(shape[:i] + shape[i + 1 :])}"
            yield Proposal(text, before(finding.path, partial(torch.squeeze, dim=i)))


def sister(case: Case, finding: Finding, dimensions: int) -> Iterator[Proposal]:
    """Yield ``BatchNorm2d`` for a ``BatchNorm1d`` that is given pictures."""
    layer = case.layer(finding.path)
    other = other_kind(layer, max(1, dimensions - 2))
    if other is not None and type(other) is not type(layer):
        sizes = [
            getattr(other, name)
            for name in ("num_features", "in_channels", "out_channels")
            if hasattr(other, name)
        ]
        more = ", …" if len(sizes) > 1 else ""
        text = f"an nn.{type(other).__name__}({', '.join(map(str, sizes))}{more}) for {finding.who}"
        yield Proposal(text, instead(finding.path, other))


def count_channels(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield grey pictures for coloured ones and the other way round."""
    if finding.size != "in_channels" or not takes_the_input(case, finding) or not finding.shape:
        return
    wanted, got = finding.expected, finding.got
    rest = ", -1" * (len(finding.shape) - 2)
    if (wanted, got) == (3, 1) and finding.dimension == 1:
        text = f"grey pictures for a network that takes colours: {case.x}.expand(-1, 3{rest})"
        yield Proposal(text, with_inputs(lambda x: x.expand(-1, 3, *[-1] * (x.dim() - 2)), case.image))
    if (wanted, got) == (1, 3):
        text = f"coloured pictures for a network that takes grey ones: {case.x}.mean(1, keepdim=True)"
        yield Proposal(text, with_inputs(lambda x: x.mean(1, keepdim=True), case.image))
    if (wanted, got) == (3, 4):
        text = f"pictures with transparency for a network that takes colours: {case.x}[:, :3]"
        yield Proposal(text, with_inputs(lambda x: x[:, :3], case.image))


def guess_channels(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield another order of the dimensions, or three channels, where the network's own check fails."""
    image, x = case.image, case.x
    if finding.cause or case.failure is None or image is None or not image.is_floating_point():
        return
    if image.dim() == 3 and case.failure.operation is None:
        text = f"the dimensions are in another order: {x}.transpose(1, 2)"
        yield Proposal(text, with_inputs(lambda x: x.transpose(1, 2), image))
    if image.dim() == 4 and image.shape[3] in COLOURS and image.shape[1] not in COLOURS:
        text = f"the channels are behind; {x}.permute(0, 3, 1, 2)"
        yield Proposal(text, with_inputs(lambda x: x.permute(0, 3, 1, 2), image))
    if image.dim() == 4 and image.shape[1] == 1:
        text = f"grey pictures for a network that takes colours: {x}.expand(-1, 3, -1, -1)"
        yield Proposal(text, with_inputs(lambda x: x.expand(-1, 3, -1, -1), image))
