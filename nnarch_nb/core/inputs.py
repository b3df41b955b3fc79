"""One way to say what a network is given, for every verb: ``verb(model, inputs, kwargs=None)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, is_dataclass
from math import prod
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from nnarch_nb.core.data import Data
from nnarch_nb.core.options import is_whole, require_whole, type_name
from nnarch_nb.errors import NNArchError, pick, shorten

MOST_VALUES = 2**48
FLOATING = {
    type_name(dtype): dtype for dtype in (torch.float32, torch.bfloat16, torch.float16, torch.float64)
}
ADVICE = (
    "give the shape of one sample such as (1, 28, 28), a tensor, a tuple of tensors, a dict of keyword "
    "arguments, or a Data"
)


@dataclass(frozen=True)
class Call:
    """The arguments of one forward run.

    Attributes
    ----------
    args, kwargs
        Positional and keyword arguments, with the batch dimension.
    sample
        The shape of one sample when a shape or a ``Data`` was given, else None.
    """

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    sample: tuple[int, ...] | None = None

    def __str__(self) -> str:
        if self.sample is not None:
            return "×".join(map(str, self.sample)) or "scalar"
        shapes = ["×".join(map(str, t.shape)) for t in self.tensors]
        return ", ".join(shapes) or "no tensors"

    @property
    def tensors(self) -> list[torch.Tensor]:
        return tensors_in((self.args, self.kwargs))


def as_call(
    inputs: Any, kwargs: Any = None, model: nn.Module | None = None, batch_size: int | None = None
) -> Call:
    """Return the arguments that ``inputs`` stands for.

    Parameters
    ----------
    inputs
        A tuple of ints is the shape of **one sample**; a batch of one is made from it, of integers
        where the network begins with an embedding. A tensor or tuple of tensors are the positional
        arguments as they are, a dict the keyword arguments, and a ``Data`` knows its own shape.
    kwargs
        More keyword arguments.
    model
        Tells what kind of numbers a shape stands for.
    batch_size
        How many samples to make from a shape or take from a ``Data``; one if it is not given.

    Raises
    ------
    NNArchError
        The inputs are none of these, or a batch size is given besides tensors, which have one.
    """
    many = 1 if batch_size is None else require_whole("batch_size", batch_size, 1)
    if not isinstance(kwargs, Mapping | None):
        raise NNArchError(f"kwargs must be a dict of keyword arguments, not {shorten(repr(kwargs))}")
    more = dict(kwargs or {})
    if any(tensor.is_nested for tensor in tensors_in(inputs)):
        raise NNArchError("a nested tensor has no shape: give torch.nested.to_padded_tensor(x, 0)")
    if isinstance(inputs, Data):
        return Call((samples_of(inputs, many),), more, inputs.shape)
    if is_whole(inputs):
        inputs = (inputs,)
    if isinstance(inputs, (tuple, list, torch.Size)) and is_shape(inputs):
        shape = checked_shape(inputs)
        return Call((example_of(shape, model, many),), more, shape)
    refuse_batch_size(inputs, batch_size)
    if isinstance(inputs, torch.Tensor) or (is_record(inputs) and tensors_in(inputs)):
        return Call((inputs,), more)
    if isinstance(inputs, Mapping):
        return Call((), {**inputs, **more})
    if isinstance(inputs, (tuple, list)) and tensors_in(inputs):
        return Call(tuple(inputs), more)
    raise NNArchError(f"cannot make inputs from {shorten(repr(inputs))}: {ADVICE}")


def tensors_in(value: Any) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for leaf in pytree.tree_leaves(value):
        if isinstance(leaf, torch.Tensor):
            found.append(leaf)
        elif is_record(leaf):
            found += tensors_in(parts_of(leaf))
    return found


def with_tensors(change: Callable[[torch.Tensor], torch.Tensor], value: Any) -> Any:
    """Return nested arguments with each tensor changed; what holds them is made anew."""

    def changed(leaf: Any) -> Any:
        if isinstance(leaf, torch.Tensor):
            return change(leaf)
        if not is_record(leaf) or not tensors_in(leaf):
            return leaf
        twin = copy(leaf)
        for name, part in parts_of(leaf).items():
            object.__setattr__(twin, name, with_tensors(change, part))  # a frozen one too
        return twin

    return pytree.tree_map(changed, value)


def is_record(value: Any) -> bool:
    """Whether it is a dataclass of the user's, which torch's own trees take for one value."""
    return is_dataclass(value) and not isinstance(value, (type, Data, nn.Module))


def parts_of(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name, None) for field in fields(record)}


def is_shape(inputs: Any) -> bool:
    return len(inputs) > 0 and all(map(is_whole, inputs))


def checked_shape(inputs: Any) -> tuple[int, ...]:
    shape = tuple(map(int, inputs))
    if any(n < 1 for n in shape):
        raise NNArchError(f"the shape {shape} has a size below 1: {ADVICE}")
    if prod(shape) > MOST_VALUES:
        raise NNArchError(f"one sample of the shape {shape} has more values than memory holds: {ADVICE}")
    return shape


def refuse_batch_size(inputs: Any, batch_size: int | None) -> None:
    """Raise an error if a batch size is asked for besides tensors, unless it is the one they have."""
    tensors = tensors_in(inputs)
    if batch_size is None or not tensors or batch_size in tensors[0].shape[:1]:
        return
    has = f"has a batch of {tensors[0].shape[0]}" if tensors[0].dim() else "has none"
    raise NNArchError(f"batch_size is for the shape of one sample; the tensor given {has}: leave it out")


def samples_of(data: Data, many: int) -> torch.Tensor:
    """Return that many samples of the data, from the first again where there are fewer."""
    if not len(data.train):
        return torch.zeros(many, *data.shape)
    return data.train.x[torch.arange(many) % len(data.train)]


def example_of(shape: tuple[int, ...], model: nn.Module | None, many: int = 1) -> torch.Tensor:
    """Return a batch as wide as the shape, without holding memory for its values."""
    tokens = model is not None and isinstance(first_layer(model), (nn.Embedding, nn.EmbeddingBag))
    dtype = torch.long if tokens else weight_dtype(model)
    return torch.zeros((), dtype=dtype).expand(many, *shape)


def first_layer(model: nn.Module) -> nn.Module | None:
    return next((m for m in model.modules() if next(m.parameters(recurse=False), None) is not None), None)


def weight_dtype(model: nn.Module | None) -> torch.dtype:
    parameters = model.parameters() if model is not None else ()
    floating = (p.dtype for p in parameters if p.dtype.is_floating_point)
    return next(floating, torch.get_default_dtype())


def floating_type(name: str | torch.dtype) -> torch.dtype:
    """Return the floating type of that name.

    Raises
    ------
    NNArchError
        There is no such type.

    Examples
    --------
    >>> floating_type("bfloat16")
    torch.bfloat16
    """
    return pick(type_name(name), FLOATING, "dtype")


def made_from_shape(call: Call) -> bool:
    """Whether the example is ours, one zero seen from everywhere, rather than a sample of some data."""
    if call.sample is None or len(call.args) != 1:
        return False
    return not any(call.args[0].stride()[1:])
