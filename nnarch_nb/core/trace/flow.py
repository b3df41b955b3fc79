"""Who made which tensor, so that the dataflow can be followed through in-place writes too."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

from nnarch_nb.core.trace.record import Shape, Shapes

is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor

# Nested results are a few levels deep; an object graph without end is not a result.
DEPTH = 6
NONE = (None, None)
NO_PARTS = {int, float, bool, str, bytes, type(None), torch.dtype, torch.device, slice}


def tensors_in(value: Any) -> list[Tensor]:
    """Return the tensors in a result or argument, in order, each as often as it occurs.

    Objects that are no containers, such as a cache handed from layer to layer, are looked into only where
    there is no tensor besides: what is meant for the layer is given to it, what is kept for later lies there.
    """
    found: list[Tensor] = []
    collect(value, found, parts_of_container)
    if not found:
        collect(value, found, parts_of)
    return found


def collect(value: Any, found: list[Tensor], within: Callable[[Any], Iterable[Any]], depth: int = 0) -> None:
    if isinstance(value, Tensor):
        found.append(value)
    elif type(value) not in NO_PARTS and depth <= DEPTH:
        for part in within(value):
            collect(part, found, within, depth + 1)


def parts_of_container(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (nn.Module, type)) or not is_dataclass(value):
        return ()
    return [getattr(value, field.name, None) for field in fields(value)]


def parts_of(value: Any) -> Iterable[Any]:
    if isinstance(value, (dict, list, tuple, nn.Module, type)) or is_dataclass(value):
        return parts_of_container(value)
    return vars(value).values() if hasattr(value, "__dict__") and not callable(value) else ()


def shape_of(tensor: Tensor) -> Shape:
    return tuple(map(int, tensor.shape))


def shapes_in(value: Any) -> Shapes:
    return tuple(map(shape_of, tensors_in(value)))


class Flow:
    """Remembers the operation behind each tensor that is alive, without keeping it alive."""

    def __init__(self) -> None:
        self._makers: dict[int, tuple[weakref.ref[Tensor], int]] = {}
        self._writers: dict[int, tuple[StorageWeakRef, int]] = {}
        self._within: dict[int, tuple[StorageWeakRef, int]] = {}

    def made(self, tensor: Tensor, operation: int) -> None:
        self._makers[id(tensor)] = (weakref.ref(tensor), operation)
        if self._within or is_wrapped(tensor):
            self._made_within(unwrapped(tensor), operation)

    def _made_within(self, inner: Tensor, operation: int) -> None:
        """Note the memory: a transform such as ``vmap`` hands out another tensor of it, unseen."""
        if self._maker(inner) is None:
            self._makers[id(inner)] = (weakref.ref(inner), operation)
        storage = storage_of(inner)
        if storage is not None:
            self._within[storage.cdata] = (storage, operation)

    def wrote(self, tensor: Tensor, operation: int) -> None:
        """Say that the tensor's memory was changed, and with it every view of it."""
        storage = storage_of(unwrapped(tensor))
        if storage is not None:
            self._writers[storage.cdata] = (storage, operation)

    def source(self, tensor: Tensor) -> int | None:
        """Return the operation that made the tensor or last wrote to its memory."""
        maker = self._maker(tensor)
        if is_wrapped(tensor):
            tensor = unwrapped(tensor)
            maker = self._maker(tensor) if maker is None else maker
        storage = storage_of(tensor) if self._writers or self._within else None
        if storage is not None and maker is None:
            maker = self._within.get(storage.cdata, NONE)[1]
        writer = None if storage is None else self._writers.get(storage.cdata, NONE)[1]
        known = [operation for operation in (maker, writer) if operation is not None]
        return max(known, default=None)

    def _maker(self, tensor: Tensor) -> int | None:
        reference, maker = self._makers.get(id(tensor), NONE)
        return maker if reference is not None and reference() is tensor else None


def unwrapped(tensor: Tensor) -> Tensor:
    """Return the tensor within those that transforms such as ``vmap`` hand to a function."""
    while is_wrapped(tensor):
        tensor = torch._C._functorch.get_unwrapped(tensor)
    return tensor


def storage_of(tensor: Tensor) -> StorageWeakRef | None:
    """Return a weak reference to the tensor's memory: while it lives, its address is not used again."""
    try:
        return StorageWeakRef(tensor.untyped_storage())
    except (NotImplementedError, RuntimeError):  # sparse and wrapped tensors have no storage
        return None
