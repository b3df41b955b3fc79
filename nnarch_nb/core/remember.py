"""How one piece of state is remembered: each function returns what puts it back."""

from __future__ import annotations

import random
import types
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

GENERATORS = (np.random.Generator, np.random.RandomState, random.Random, torch.Generator)
Undo = Callable[[], None]


def remember_attributes(owner: Any) -> Undo:
    """Remember the class and the attributes of an object."""
    kind, attributes = owner.__class__, owner.__dict__
    before = dict(attributes)

    def undo() -> None:
        if owner.__class__ is not kind:  # lazy modules change their class on the first run
            owner.__class__ = kind
        attributes.clear()
        attributes.update(before)

    return undo


def remember_slots(owner: Any, names: list[str]) -> Undo:
    before = {name: getattr(owner, name) for name in names if hasattr(owner, name)}

    def undo() -> None:
        for name in names:
            if name in before:
                object.__setattr__(owner, name, before[name])
            elif hasattr(owner, name):
                object.__delattr__(owner, name)

    return undo


def remember_items(container: Any) -> Undo:
    """Remember what a list, dict, set or deque holds."""
    before = list(container.items()) if isinstance(container, dict) else list(container)

    def undo() -> None:
        container.clear()
        if isinstance(container, dict):
            for key, item in before:  # one by one: a Counter's update would add up
                container[key] = item
        elif isinstance(container, set):
            container.update(before)
        else:
            container.extend(before)

    return undo


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
        if array.flags.writeable:
            array[...] = before

    return undo


def remember_tensor(tensor: torch.Tensor) -> Undo:
    storage = tensor.detach()  # the same memory, in case ``.data`` is given another
    # Asking a tensor that was computed for its gradient earns a warning.
    gradient = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    before, tracked = storage.clone(), tensor.requires_grad
    gradient_before = None if gradient is None else gradient.detach().clone()

    def undo() -> None:
        if tensor.requires_grad != tracked and tensor.is_leaf:
            tensor.requires_grad_(tracked)
        if not same_memory(tensor, storage):
            tensor.data = storage
        if not tensor.is_meta:
            storage.copy_(before)
        if tensor.is_leaf:
            tensor.grad = gradient
        if gradient is not None and gradient_before is not None:
            gradient.detach().copy_(gradient_before)

    return undo


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
        if filled:
            cell.cell_contents = before
        elif is_filled(cell):
            del cell.cell_contents

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
    before = {name: namespace[name] for name in names if name in namespace}

    def undo() -> None:
        namespace.update(before)
        for name in names - before.keys():
            namespace.pop(name, None)

    return undo


def remember_cache(cached: Any) -> Undo:
    """Forget everything if the run added to it: what it holds cannot be taken out one by one."""
    before = cached.cache_info().misses

    def undo() -> None:
        if cached.cache_info().misses != before:
            cached.cache_clear()

    return undo
