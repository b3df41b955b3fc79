"""A look leaves no trace: everything a forward run may change in a network, put back bit for bit.

Three kinds of state are remembered, each where it lives. *Attributes*: the ``__dict__`` of every
module (which holds its training flag, its hooks and its own counters) and of the plain objects it
owns. *Containers*: the lists, dicts and sets reached from there, which a forward run may grow.
*Contents*: the bytes, gradient and ``requires_grad`` of every tensor and array reached.
"""

from __future__ import annotations

import random
import types
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.network import modules_of
from nnarch_nb.core.rng import kept_rng

# A network may hold a reference to half the session; only what is close to it is its own state.
OBJECT_DEPTH = 2
GENERATORS = (np.random.Generator, np.random.RandomState, random.Random, torch.Generator)
OPAQUE = (type, types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType)


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Leave ``model`` and the session's random generators bitwise as they were, whatever happens inside.

    Parameters
    ----------
    model
        Its parameters, buffers, gradients, hooks, training flags, device and Python attributes are
        restored when the block ends, by an error or an interrupt too. Costs one copy of the weights.

    Examples
    --------
    >>> layer = torch.nn.BatchNorm1d(2)
    >>> with untouched(layer):
    ...     _ = layer(torch.randn(8, 2))
    >>> int(layer.num_batches_tracked)
    0
    """
    with kept_rng():
        snapshot = Snapshot(model)
        try:
            yield
        finally:
            snapshot.restore()


class Snapshot:
    """The state of a network at one moment."""

    def __init__(self, model: nn.Module) -> None:
        self._undo: list[Callable[[], None]] = []
        self._seen: set[int] = set()
        self._kept: list[Any] = []  # holds each object seen, so that no id is used twice
        for module in modules_of(model):
            self._remember_module(module)

    def restore(self) -> None:
        with torch.no_grad():
            for undo in reversed(self._undo):
                undo()

    def _remember_module(self, module: nn.Module) -> None:
        if isinstance(module, torch.jit.ScriptModule):
            self._remember_scripted(module)
            return
        self._remember_object(module, depth=0)
        tables: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for table in tables:
            for name, tensor in table.items():
                if tensor is not None and is_lazy(tensor):
                    # Materialising changes the object itself: a stand-in takes the run, the original returns.
                    table[name] = stand_in(tensor)

    def _remember_scripted(self, module: torch.jit.ScriptModule) -> None:
        mode = module.training

        def undo() -> None:
            module.train(mode)

        self._undo.append(undo)
        for tensor in [*module.parameters(recurse=False), *module.buffers(recurse=False)]:
            self._walk(tensor, depth=0)

    def _remember_object(self, owner: Any, depth: int) -> None:
        kind, attributes = owner.__class__, owner.__dict__
        before = dict(attributes)

        def undo() -> None:
            if owner.__class__ is not kind:  # lazy modules change their class on the first run
                owner.__class__ = kind
            attributes.clear()
            attributes.update(before)

        self._undo.append(undo)
        for value in before.values():
            self._walk(value, depth)

    def _walk(self, value: Any, depth: int) -> None:
        if id(value) in self._seen or isinstance(value, (nn.Module, *OPAQUE)):
            return
        self._seen.add(id(value))
        self._kept.append(value)
        if isinstance(value, torch.Tensor):
            self._undo.append(remember_tensor(value))
        elif isinstance(value, np.ndarray):
            self._undo.append(remember_array(value))
        elif isinstance(value, GENERATORS):
            self._undo.append(remember_generator(value))
        elif isinstance(value, (dict, list, set, deque)):
            self._remember_container(value, depth)
        elif isinstance(value, tuple):
            for item in value:
                self._walk(item, depth)
        elif depth < OBJECT_DEPTH and hasattr(value, "__dict__"):
            self._remember_object(value, depth + 1)

    def _remember_container(self, container: Any, depth: int) -> None:
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

        self._undo.append(undo)
        for item in before:
            self._walk(item[1] if isinstance(container, dict) else item, depth)


def stand_in(tensor: Any) -> torch.Tensor:
    """Return another parameter or buffer that has yet to learn its size."""
    return type(tensor)(requires_grad=tensor.requires_grad, device=tensor.device, dtype=tensor.dtype)


def remember_generator(generator: Any) -> Callable[[], None]:
    """Remember where a network's own source of random numbers stands."""
    if isinstance(generator, np.random.Generator):
        bits, state = generator.bit_generator, generator.bit_generator.state
        return lambda: setattr(bits, "state", state)
    if isinstance(generator, random.Random):
        return partial(generator.setstate, generator.getstate())
    return partial(generator.set_state, generator.get_state())


def remember_array(array: np.ndarray) -> Callable[[], None]:
    before = array.copy()

    def undo() -> None:
        if array.flags.writeable:
            array[...] = before

    return undo


def remember_tensor(tensor: torch.Tensor) -> Callable[[], None]:
    if is_lazy(tensor):
        return lambda: None
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
