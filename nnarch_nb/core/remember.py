"""How one piece of state is remembered: each function returns what puts it back.

What is as it was is not written to: it may be read-only, watched, or at work in another thread.
"""

from __future__ import annotations

import random
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import partial
from operator import is_
from typing import Any

import numpy as np
import torch

GENERATORS = (np.random.Generator, np.random.RandomState, random.Random, torch.Generator)
CONTAINERS = (OrderedDict, dict, list, set, deque)
EMPTY = object()
Undo = Callable[[], None]


def remember_attributes(owner: Any) -> Undo:
    """Remember the class and the attributes of an object."""
    kind, attributes = owner.__class__, owner.__dict__
    before = dict(attributes)

    def undo() -> None:
        if owner.__class__ is not kind:  # lazy modules change their class on the first run
            owner.__class__ = kind
        if not same_names(attributes, before):
            attributes.clear()
            attributes.update(before)

    return undo


def remember_slot(owner: Any, slot: types.MemberDescriptorType) -> Undo:
    """Remember one attribute that an object keeps beside its ``__dict__``."""
    before = value_in(slot, owner)

    def undo() -> None:
        now = value_in(slot, owner)
        if before is EMPTY and now is not EMPTY:
            slot.__delete__(owner)
        elif now is not before:
            slot.__set__(owner, before)

    return undo


def value_in(slot: types.MemberDescriptorType, owner: Any) -> Any:
    try:
        return slot.__get__(owner)
    except AttributeError:
        return EMPTY


def remember_items(container: Any) -> Undo:
    """Remember what a list, dict, set or deque holds; what was not changed is not written to."""
    kind = type(container)
    base = kind if kind in CONTAINERS else next(each for each in CONTAINERS if isinstance(container, each))
    before = items_of(base, container)

    def undo() -> None:
        if not same_items(items_of(base, container), before):
            refill(base, container, before)

    return undo


def items_of(base: Any, container: Any) -> list[Any]:
    # By the methods of the base: those of a user's own class may do anything.
    return list(base.items(container) if issubclass(base, dict) else base.__iter__(container))


def refill(base: Any, container: Any, items: list[Any]) -> None:
    base.clear(container)
    if issubclass(base, dict):
        for key, value in items:  # one by one: a Counter's update would add up
            base.__setitem__(container, key, value)
    else:
        (base.update if base is set else base.extend)(container, items)


def same_items(now: Iterable[Any], before: Iterable[Any]) -> bool:
    """Whether the very same objects stand in the same order; pairs are compared part by part."""
    now, before = list(now), list(before)
    return len(now) == len(before) and all(map(is_same, now, before))


def same_names(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the same names stand for the very same objects in the same order."""
    same = len(now) == len(before) and all(map(is_, now.values(), before.values()))
    return same and list(now) == list(before)


def is_same(a: Any, b: Any) -> bool:
    if type(a) is type(b) is tuple and len(a) == len(b) == 2:
        return a[0] is b[0] and a[1] is b[1]
    return a is b


def remember_generator(generator: Any) -> Undo:
    """Remember where a network's own source of random numbers stands."""
    if isinstance(generator, np.random.Generator):
        bits, state = generator.bit_generator, generator.bit_generator.state
        return lambda: setattr(bits, "state", state)
    if isinstance(generator, random.Random):
        return partial(generator.setstate, generator.getstate())
    return partial(generator.set_state, generator.get_state())


def remember_array(array: np.ndarray) -> Undo:
    before = array.copy()

    def undo() -> None:
        if array.flags.writeable and array.tobytes() != before.tobytes():
            array[...] = before

    return undo


def remember_tensor(tensor: torch.Tensor) -> Undo:
    storage = tensor.detach()  # the same memory, in case ``.data`` is given another
    # Asking a tensor that was computed for its gradient earns a warning.
    gradient = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    tracked, put_back = tensor.requires_grad, remember_contents(storage)
    put_gradient_back = None if gradient is None else remember_contents(gradient.detach())

    def undo() -> None:
        if tensor.requires_grad != tracked and tensor.is_leaf:
            tensor.requires_grad_(tracked)
        if not same_memory(tensor, storage):
            tensor.data = storage
        put_back()
        if tensor.is_leaf and tensor.grad is not gradient:
            tensor.grad = gradient
        if put_gradient_back is not None:
            put_gradient_back()

    return undo


def is_allocated(tensor: torch.Tensor) -> bool:
    """Whether the memory that a tensor speaks of is there; sharding and offloading free it meanwhile."""
    plain = type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.layout is torch.strided
    # Of its own kind, or within a transform such as vmap, it keeps its numbers elsewhere.
    if not plain or not tensor.numel() or torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return True
    last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    return tensor.untyped_storage().nbytes() >= (tensor.storage_offset() + last + 1) * tensor.element_size()


def nothing() -> None:
    """Undo nothing."""


def remember_contents(storage: torch.Tensor) -> Undo:
    """Remember the bytes; they are written only where they differ, as the memory may be read-only."""
    if not is_allocated(storage):
        return nothing
    before = storage.clone()

    def undo() -> None:
        if not storage.is_meta and not same_bits(storage, before):
            storage.copy_(before)

    return undo


def same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    try:
        return torch.equal(bits(a), bits(b))
    except (RuntimeError, NotImplementedError):  # sparse, quantized and others have no bytes to show
        return False


def bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().reshape(-1).view(torch.uint8)


def same_memory(a: torch.Tensor, b: torch.Tensor) -> bool:
    same_type = (a.device, a.dtype, a.shape) == (b.device, b.dtype, b.shape)
    return same_type and a.layout is b.layout is torch.strided and a.data_ptr() == b.data_ptr()


def is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # how Python says that nothing was put in yet
        return False


def remember_cell(cell: types.CellType) -> Undo:
    filled = is_filled(cell)
    before = cell.cell_contents if filled else None

    def undo() -> None:
        if not filled and is_filled(cell):
            del cell.cell_contents
        elif filled and not (is_filled(cell) and cell.cell_contents is before):
            cell.cell_contents = before

    return undo


def remember_class(kind: type) -> Undo:
    before = dict(vars(kind))

    def undo() -> None:
        # By way of the class: its own table must not be written to past it.
        now = dict(vars(kind))
        for name in now.keys() - before.keys():
            type.__delattr__(kind, name)
        for name, value in before.items():
            if now.get(name) is not value and not name.startswith("__"):
                type.__setattr__(kind, name, value)

    return undo


def remember_names(namespace: dict[str, Any], names: set[str]) -> Undo:
    """Remember globals that code assigns to."""
    before = {name: namespace[name] for name in names if name in namespace}

    def undo() -> None:
        for name in names:
            if name not in before:
                namespace.pop(name, None)
            elif namespace.get(name, EMPTY) is not before[name]:
                namespace[name] = before[name]

    return undo


def remember_cache(cached: Any) -> Undo:
    """Forget everything if the run added to it: what it holds cannot be taken out one by one."""
    before = cached.cache_info().misses

    def undo() -> None:
        if cached.cache_info().misses != before:
            cached.cache_clear()

    return undo
