"""A look leaves no trace: everything a forward run may change in a network, put back bit for bit.

Four kinds of state are remembered, each where it lives. *Attributes*: the ``__dict__`` of every
module (which holds its training flag, its hooks and its own counters) and of the plain objects it
owns. *Containers*: the lists, dicts and sets reached from there, which a forward run may grow.
*Contents*: the bytes, gradient and ``requires_grad`` of every tensor and array reached. And what the
network's code keeps *outside* it: globals, class attributes, closures, cached functions.
"""

from __future__ import annotations

import math
import threading
import types
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.network import is_users, modules_of
from nnarch_nb.core.outside import Outside
from nnarch_nb.core.remember import (
    GENERATORS,
    Undo,
    remember_array,
    remember_attributes,
    remember_cache,
    remember_cell,
    remember_class,
    remember_generator,
    remember_items,
    remember_names,
    remember_slots,
    remember_tensor,
)  # fmt: skip
from nnarch_nb.core.rng import kept_rng

# A network may hold a reference to half the session; only what is close to it is its own state.
OBJECT_DEPTH = 2
# What is kept elsewhere may be a whole data set, which no forward run writes to.
LARGEST_OUTSIDE = 2**20
PLAIN = {int, float, bool, str, bytes, complex, type(None)}
CONTAINERS = (dict, list, set, deque)
SIMPLE = (*CONTAINERS, tuple, torch.Tensor, np.ndarray, threading.local, *GENERATORS)
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
        self._undo: list[Undo] = []
        self._seen: set[int] = set()
        self._kept: list[Any] = []  # holds each object seen, so that no id is used twice
        self._largest = math.inf  # numbers in a tensor whose contents are remembered
        self._remember_modules(model)
        self._remember_outside(model)

    def restore(self) -> None:
        with torch.no_grad():
            for undo in reversed(self._undo):
                undo()

    def _remember_modules(self, model: nn.Module) -> None:
        for module in modules_of(model):
            if id(module) not in self._seen:
                self._seen.add(id(module))
                self._kept.append(module)
                self._remember_module(module)

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
        names = slots_of(owner)
        values = [getattr(owner, name, None) for name in names]
        if names:
            self._undo.append(remember_slots(owner, names))
        if hasattr(owner, "__dict__"):
            self._undo.append(remember_attributes(owner))
            values += owner.__dict__.values()
        for value in values:
            self._walk(value, depth)

    def _walk(self, value: Any, depth: int) -> None:
        if type(value) in PLAIN or id(value) in self._seen or isinstance(value, (nn.Module, *OPAQUE)):
            return
        self._seen.add(id(value))
        self._kept.append(value)
        if isinstance(value, torch.Tensor):
            if not is_lazy(value) and value.numel() <= self._largest:
                self._undo.append(remember_tensor(value))
        elif isinstance(value, np.ndarray):
            self._undo.append(remember_array(value))
        elif isinstance(value, GENERATORS):
            self._undo.append(remember_generator(value))
        elif isinstance(value, CONTAINERS):
            self._remember_container(value, depth)
        elif isinstance(value, tuple):
            for item in value:
                self._walk(item, depth)
        elif depth < OBJECT_DEPTH and (hasattr(value, "__dict__") or slots_of(value)):
            self._remember_object(value, depth + 1)

    def _remember_container(self, container: Any, depth: int) -> None:
        self._undo.append(remember_items(container))
        for item in list(container.values() if isinstance(container, dict) else container):
            self._walk(item, depth)

    def _remember_outside(self, model: nn.Module) -> None:
        """Remember what the code of the network can change besides."""
        outside = Outside(model)
        self._undo += [remember_cache(cached) for cached in outside.caches]
        self._undo += [remember_class(kind) for kind in outside.classes]
        self._undo += [remember_cell(cell) for cell in outside.cells]
        self._undo += [remember_names(*names) for names in outside.namespaces.values()]
        self._largest = LARGEST_OUTSIDE
        for value in outside.values:
            if isinstance(value, nn.Module):
                self._remember_modules(value)
            elif isinstance(value, SIMPLE) or is_users(type(value)):
                self._walk(value, depth=0)


def slots_of(owner: Any) -> list[str]:
    """Return the attributes that an object of no module's class keeps beside its ``__dict__``."""
    kinds = type(owner).__mro__ if not isinstance(owner, nn.Module) else ()
    declared = (vars(kind).get("__slots__", ()) for kind in kinds)
    names = (name for slots in declared for name in ((slots,) if isinstance(slots, str) else slots))
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def stand_in(tensor: Any) -> torch.Tensor:
    """Return another parameter or buffer that has yet to learn its size."""
    return type(tensor)(requires_grad=tensor.requires_grad, device=tensor.device, dtype=tensor.dtype)
