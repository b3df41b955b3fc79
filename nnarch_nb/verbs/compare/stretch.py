"""The inputs of a network at another size: which of their dimensions may grow, and the tensors grown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from nnarch_nb.core.inputs import Call, made_from_shape

# Dimensions that may grow, by how many the first tensor has; the batch is number 0.
PLACES: dict[int, tuple[tuple[Literal["length", "side"], tuple[int, ...]], ...]] = {
    2: (("length", (1,)),),
    3: (("length", (1,)), ("length", (2,))),
    4: (("side", (2, 3)), ("side", (1, 2)), ("length", (3,)), ("length", (2,)), ("length", (1,))),
    5: (("side", (2, 3, 4)), ("side", (3, 4)), ("length", (2,)), ("length", (1,))),
}


@dataclass(frozen=True)
class Dimension:
    """One way for the inputs to grow: what it is called, and the places of the first tensor."""

    name: Literal["length", "side"]
    places: tuple[int, ...]
    size: int


def dimensions(model: nn.Module, call: Call) -> Iterator[Dimension]:
    if not call.tensors:
        return
    shape = call.tensors[0].shape
    if len(shape) == 3 and not made_from_shape(call) and any(map(is_time_first, model.modules())):
        yield Dimension("length", (0,), shape[0])
    for name, places in PLACES.get(len(shape), ()):
        yield Dimension(name, places, shape[places[0]])


def is_time_first(module: nn.Module) -> bool:
    return getattr(module, "batch_first", True) is False


def grown(call: Call, dimension: Dimension, size: int) -> Call:
    """Return the call with the dimension at that size, in every tensor that has it.

    Values are repeated, so that they stay in the range that they had.
    """
    first, seen = call.tensors[0], {id(call.tensors[0])}
    wanted = {place: first.shape[place] * size // dimension.size for place in dimension.places}

    def grow(tensor: Tensor) -> Tensor:
        sizes = wanted if id(tensor) in seen else along(tensor, first, wanted)
        for place, new in sizes.items():
            tensor = stretched(tensor, place, new)
        return tensor

    args, kwargs = pytree.tree_map_only(Tensor, grow, (call.args, call.kwargs))
    sample = None if call.sample is None else tuple(args[0].shape[1:])
    return replace(call, args=args, kwargs=kwargs, sample=sample)


def along(tensor: Tensor, first: Tensor, wanted: dict[int, int]) -> dict[int, int]:
    """Return the new sizes of another tensor: where it has the old ones, its batch aside."""
    new = {first.shape[place]: size for place, size in wanted.items()}
    start = 1 if tensor.dim() and tensor.shape[0] == first.shape[0] and 0 not in wanted else 0
    return {
        place: new[tensor.shape[place]]
        for place in range(start, tensor.dim())
        if tensor.shape[place] in new and (tensor.dim() < 3 or place in wanted)
    }


def stretched(tensor: Tensor, place: int, size: int) -> Tensor:
    steps = tensor.stride()
    if tensor.dim() > 1 and not any(steps[1:]) and (tensor.shape[0] == 1 or not steps[0]):
        shape = [size if at == place else old for at, old in enumerate(tensor.shape)]
        return tensor[(slice(0, 1),) * tensor.dim()].expand(shape)  # one value seen from everywhere
    index = torch.arange(size, device=tensor.device) % tensor.shape[place]
    return tensor.index_select(place, index)
