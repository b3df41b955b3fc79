"""The inputs of a network at another size: which of their dimensions may grow, and the tensors grown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import Call, made_from_shape, with_tensors
from nnarch_nb.verbs.compare.follow import Part, ways

Name = Literal["length", "side"]
# Dimensions that may grow, by how many the first tensor has; the batch is number 0.
PLACES: dict[int, tuple[tuple[Name, tuple[int, ...]], ...]] = {
    2: (("length", (1,)),),
    3: (("length", (1,)), ("length", (2,))),
    4: (("side", (2, 3)), ("side", (1, 2)), ("length", (3,)), ("length", (2,)), ("length", (1,))),
    5: (("side", (2, 3, 4)), ("side", (3, 4)), ("length", (2,)), ("length", (1,))),
}
CHANNELS = 4  # at most, of what is taken for an image with its channels before the sides


@dataclass(frozen=True)
class Dimension:
    """One way for the inputs to grow.

    Attributes
    ----------
    name, places, size
        What it is called, where the first tensor has it, and its size there.
    parts
        What of each tensor grows.
    doubtful
        It is an image only if both of its sides count alike: the heads and steps of an attention look
        the same.
    """

    name: Name
    places: tuple[int, ...]
    size: int
    parts: tuple[Part, ...]
    doubtful: bool = False


def dimensions(model: nn.Module, call: Call) -> Iterator[Dimension]:
    """Return the ways to grow, the likeliest first."""
    if not call.tensors:
        return
    shape = call.tensors[0].shape
    for name, places in candidates(model, call):
        doubtful = len(shape) == 4 and places == (1, 2)
        for parts in ways(call.tensors, places):
            yield Dimension(name, places, shape[places[0]], parts, doubtful)


def candidates(model: nn.Module, call: Call) -> Iterator[tuple[Name, tuple[int, ...]]]:
    shape = call.tensors[0].shape
    if len(shape) == 3 and not made_from_shape(call) and any(map(is_time_first, model.modules())):
        yield "length", (0,)
    for name, places in PLACES.get(len(shape), ()):
        if len(shape) != 4 or places != (1, 2) or (shape[1] == shape[2] > CHANNELS):
            yield name, places


def is_time_first(module: nn.Module) -> bool:
    return getattr(module, "batch_first", True) is False


def alone(dimension: Dimension, place: int) -> Dimension:
    """Return the growth of one side of the first tensor by itself."""
    parts = (Part((place,)), *(Part() for _ in dimension.parts[1:]))
    return replace(dimension, places=(place,), parts=parts)


def grown(call: Call, dimension: Dimension, size: int) -> Call:
    """Return the call with the dimension at that size, in every tensor that follows it.

    Values are repeated, so that they stay in the range that they had; those that count steps grow.
    """
    first = call.tensors[0]
    wanted = {first.shape[place]: first.shape[place] * size // dimension.size for place in dimension.places}
    parts = {id(tensor): part for tensor, part in zip(call.tensors, dimension.parts, strict=True)}

    def grow(tensor: Tensor) -> Tensor:
        part = parts[id(tensor)]
        if part.counts:
            return torch.clamp(tensor * size // dimension.size, min=1)
        for place in part.places:
            tensor = stretched(tensor, place, wanted[tensor.shape[place]])
        return tensor

    args, kwargs = with_tensors(grow, (call.args, call.kwargs))
    sample = None if call.sample is None else tuple(args[0].shape[1:])
    return replace(call, args=args, kwargs=kwargs, sample=sample)


def stretched(tensor: Tensor, place: int, size: int) -> Tensor:
    steps = tensor.stride()
    if tensor.dim() > 1 and not any(steps[1:]) and (tensor.shape[0] == 1 or not steps[0]):
        shape = [size if at == place else old for at, old in enumerate(tensor.shape)]
        return tensor[(slice(0, 1),) * tensor.dim()].expand(shape)  # one value seen from everywhere
    index = torch.arange(size, device=tensor.device) % tensor.shape[place]
    return tensor.index_select(place, index)


def divided(call: Call, dimension: Dimension, size: int, old: Sequence[int], new: Sequence[int]) -> bool:
    """Whether the larger input became more samples, as a ``view(-1, 784)`` makes them, by an output's shape.

    The batch in front has to stay. In its place may stand time, or samples and positions together, which
    grow as the input does.
    """
    if not old or old[0] == new[0]:
        return False
    first = call.tensors[0].shape
    before = after = 1
    for place in dimension.places:
        before, after = before * first[place], after * (first[place] * size // dimension.size)
    if 0 in dimension.places:
        return new[0] * before != old[0] * after
    batch = first[0]
    if old[0] == batch:
        return True
    transposed = len(old) > 1 and old[1] == new[1] == batch
    return not transposed and (old[0] not in (before, batch * before) or new[0] * before != old[0] * after)
