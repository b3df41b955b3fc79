"""Who made which tensor, so that the dataflow can be followed through in-place writes too."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

from nnarch_nb.core.trace.record import Shape, Shapes

# Nested results are a few levels deep; an object graph without end is not a result.
DEPTH = 6


def tensors_in(value: Any, depth: int = 0) -> list[Tensor]:
    """Return the tensors in a result or argument, in order, each as often as it occurs."""
    if isinstance(value, Tensor):
        return [value]
    if depth > DEPTH:
        return []
    return [tensor for item in parts_of(value) for tensor in tensors_in(item, depth + 1)]


def parts_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (nn.Module, type)):
        return ()
    if is_dataclass(value):
        return [getattr(value, field.name, None) for field in fields(value)]
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

    def made(self, tensor: Tensor, operation: int) -> None:
        self._makers[id(tensor)] = (weakref.ref(tensor), operation)

    def wrote(self, tensor: Tensor, operation: int) -> None:
        """Say that the tensor's memory was changed, and with it every view of it."""
        storage = storage_of(tensor)
        if storage is not None:
            self._writers[storage.cdata] = (storage, operation)

    def source(self, tensor: Tensor) -> int | None:
        """Return the operation that made the tensor or last wrote to its memory."""
        reference, maker = self._makers.get(id(tensor), (None, None))
        if reference is None or reference() is not tensor:
            maker = None
        storage = storage_of(tensor) if self._writers else None
        writer = self._writers[storage.cdata][1] if storage and storage.cdata in self._writers else None
        known = [operation for operation in (maker, writer) if operation is not None]
        return max(known, default=None)


def storage_of(tensor: Tensor) -> StorageWeakRef | None:
    """Return a weak reference to the tensor's memory: while it lives, its address is not used again."""
    try:
        return StorageWeakRef(tensor.untyped_storage())
    except (NotImplementedError, RuntimeError):  # sparse and wrapped tensors have no storage
        return None
