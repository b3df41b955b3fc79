"""What of the other inputs grows when the first one does: masks, positions, lengths, or nothing.

Nothing says which dimension of a mask is that of the sequence but its size, which a vector of features
may share by chance. So there are several ways, and the network takes one or does not.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from torch import Tensor, nn

from nnarch_nb.core.inputs import Call, tensors_in

MOST_WAYS = 12  # each costs a trace or two where the network does not take it


@dataclass(frozen=True)
class Part:
    """What of one tensor grows: its dimensions, or its values where they count steps."""

    places: tuple[int, ...] = ()
    counts: bool = False


def ways(tensors: Sequence[Tensor], places: tuple[int, ...]) -> Iterator[tuple[Part, ...]]:
    """Return the ways for all tensors, the likeliest first: then one tensor in another way, then all."""
    first = tensors[0]
    choices = [[Part(places)] if tensor is first else parts_of(tensor, first, places) for tensor in tensors]
    likeliest = tuple(some[0] for some in choices)
    found = [likeliest]
    for at, some in enumerate(choices):
        found += [(*likeliest[:at], other, *likeliest[at + 1 :]) for other in some[1:]]
    found += [tuple(some[min(rank, len(some) - 1)] for some in choices) for rank in (1, 2, 3)]
    return islice(dict.fromkeys(found), MOST_WAYS)


def parts_of(tensor: Tensor, first: Tensor, places: tuple[int, ...]) -> list[Part]:
    """Return what of another tensor may grow, the likeliest first."""
    if is_lengths(tensor, first, places):
        return [Part(counts=True), Part()]
    sizes = [first.shape[place] for place in places]
    alike = tuple(p for p in places if p < tensor.dim() and tensor.shape[p] == first.shape[p])
    start = 1 if tensor.dim() and tensor.shape[0] == first.shape[0] and 0 not in places else 0
    everywhere = tuple(p for p in range(start, tensor.dim()) if tensor.shape[p] in sizes)
    if tensor.shape == first.shape:
        found = [alike]
    elif tensor.dim() < 3:
        found = [everywhere]
    else:
        found = [tail(tensor, sizes * 2 if len(sizes) == 1 else sizes), alike, everywhere]
    return [Part(p) for p in dict.fromkeys([*filter(None, found), ()])]


def tail(tensor: Tensor, sizes: list[int]) -> tuple[int, ...]:
    """Return the last dimensions if they have these sizes: steps against steps, or an image's sides."""
    count = len(sizes)
    return tuple(range(tensor.dim() - count, tensor.dim())) if list(tensor.shape[-count:]) == sizes else ()


def is_lengths(tensor: Tensor, first: Tensor, places: tuple[int, ...]) -> bool:
    """Whether its values may be the number of steps of each sample."""
    batch = first.shape[1 if 0 in places else 0] if first.dim() > 1 else 0
    whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.element_size() == 1)
    if not whole or tensor.is_meta or len(places) > 1 or tensor.shape != (batch,):
        return False
    return bool(((tensor > 0) & (tensor <= first.shape[places[0]])).all())


def names_of(model: nn.Module, call: Call) -> list[str]:
    """Return the argument that each tensor of the call is given for."""
    try:
        parameters = list(inspect.signature(model.forward).parameters.values())
    except (TypeError, ValueError):  # a function of C
        parameters = []
    named = [one.name for one in parameters if one.kind is not one.VAR_POSITIONAL]
    found: list[str] = []
    for place, value in enumerate(call.args):
        name = named[place] if place < len(named) else f"input {place + 1}"
        found += [name] * len(tensors_in(value))
    for name, value in call.kwargs.items():
        found += [name] * len(tensors_in(value))
    return found
