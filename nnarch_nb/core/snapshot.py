"""A look leaves no trace: everything a forward run may change in a network, put back bit for bit.

Four kinds of state are remembered, each where it lives. *Attributes*: the ``__dict__`` of every
module (which holds its training flag, its hooks and its own counters) and of the plain objects it
owns. *Containers*: the lists, dicts and sets reached from there, which a forward run may grow.
*Contents*: the bytes, gradient and ``requires_grad`` of every tensor and array reached. And what the
network's code keeps *outside* it: globals, class attributes, closures, cached functions.
"""

from __future__ import annotations

import math
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.interrupts import whole_end
from nnarch_nb.core.network import is_users, modules_of
from nnarch_nb.core.outside import Outside
from nnarch_nb.core.remember import (
    CONTAINERS,
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
    remember_slot,
    remember_tensor,
    value_in,
)  # fmt: skip
from nnarch_nb.core.rng import kept_rng
from nnarch_nb.core.turns import LOCK
from nnarch_nb.errors import NNArchError, shorten

# A network may hold a reference to half the session; only what is close to it is its own state.
OBJECT_DEPTH, NESTING = 2, 16
# What its code names may be a whole data set, which no forward run writes to.
LARGEST_OUTSIDE, MOST_OUTSIDE = 2**20, 5_000
PLAIN = {int, float, bool, str, bytes, complex, type(None)}
NAMESPACES = (types.SimpleNamespace, threading.local)
NUMBERS, HOLDERS, EXACT = (torch.Tensor, np.ndarray), (*CONTAINERS, tuple), {*CONTAINERS}
SIMPLE = (*HOLDERS, *NUMBERS, *NAMESPACES, *GENERATORS)
OPAQUE = (type, types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType)
PASSED = (nn.Module, *OPAQUE)


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
    # One look at a time: what another thread's look has set for its run (fakes for weights, a mode, the
    # attention fast path, the logger) is not the network's own state, nor the session's.
    with LOCK, whole_end() as hold, kept_rng():
        snapshot = Snapshot(model)
        try:
            yield
        finally:
            hold()
            snapshot.restore()


class Snapshot:
    """The state of a network at one moment."""

    def __init__(self, model: nn.Module) -> None:
        self._undo: list[Undo] = []
        self._seen: set[int] = set()
        self._kept: list[Any] = []  # holds each object seen, so that no id is used twice
        self._empty: list[Any] = []
        self._nested = 0
        self._outside = False
        modules = modules_of(model)
        self._remember_modules(modules)
        self._remember_outside(modules)

    def restore(self) -> None:
        """Put everything back.

        Raises
        ------
        NNArchError
            Something refuses; all else is put back all the same.
        """
        failed = []
        for container in filter(len, self._empty):
            container.clear()
        with torch.no_grad():
            for undo in reversed(self._undo):
                try:
                    undo()
                except Exception as error:  # a user's own class may raise anything
                    failed.append(error)
        if failed:
            raise NNArchError(
                f"after the run, not all could be put back: {shorten(str(failed[0]), 160)}"
            ) from (failed[0])

    def _keep(self, remember: Callable[..., Undo], *what: Any) -> None:
        try:
            self._undo.append(remember(*what))
        except Exception:
            if not self._outside:  # what only its code names is remembered as far as it lets itself
                raise

    def _remember_modules(self, modules: list[nn.Module]) -> None:
        for module in modules:
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
        values = []
        for slot in slots_of(type(owner)):
            self._keep(remember_slot, owner, slot)
            values.append(value_in(slot, owner))
        if hasattr(owner, "__dict__"):
            self._keep(remember_attributes, owner)
            values += owner.__dict__.values()
        for value in values:
            self._walk(value, depth)

    def _walk(self, value: Any, depth: int) -> None:
        kind = type(value)
        if kind in PLAIN:
            return
        if kind in EXACT and not value:  # most of what a network holds: the tables of its hooks
            self._empty.append(value)
            return
        if id(value) in self._seen or isinstance(value, PASSED):
            return
        if self._outside and len(self._kept) > MOST_OUTSIDE:
            return
        self._seen.add(id(value))
        self._kept.append(value)
        if isinstance(value, NUMBERS):
            self._remember_numbers(value)
        elif isinstance(value, HOLDERS):
            self._remember_container(value, depth)
        elif isinstance(value, GENERATORS):
            self._keep(remember_generator, value)
        elif depth < OBJECT_DEPTH and holds_state(value):
            self._remember_object(value, depth + 1)

    def _remember_numbers(self, value: Any) -> None:
        if is_lazy(value) or (self._outside and math.prod(value.shape) > LARGEST_OUTSIDE):
            return
        self._keep(remember_tensor if isinstance(value, torch.Tensor) else remember_array, value)

    def _remember_container(self, container: Any, depth: int) -> None:
        if not isinstance(container, tuple):
            self._keep(remember_items, container)
        if self._nested < NESTING:
            self._nested += 1
            for item in list(container.values() if isinstance(container, dict) else container):
                self._walk(item, depth)
            self._nested -= 1

    def _remember_outside(self, modules: list[nn.Module]) -> None:
        """Remember what the code of the network can change besides."""
        self._outside, outside = True, Outside(modules)
        for cached in outside.caches:
            self._keep(remember_cache, cached)
        for kind in outside.classes:
            self._keep(remember_class, kind)
        for cell in outside.cells:
            self._keep(remember_cell, cell)
        for names in outside.namespaces.values():
            self._keep(remember_names, *names)
        for value in outside.values:
            if isinstance(value, nn.Module):
                self._remember_modules(modules_of(value))
            elif isinstance(value, SIMPLE) or is_users(type(value)):
                self._walk(value, depth=0)


def holds_state(value: Any) -> bool:
    """Whether to look into an object: not into Python's own, such as a queue that a thread waits at."""
    package = type(value).__module__.partition(".")[0]
    if package in sys.stdlib_module_names and not isinstance(value, NAMESPACES):
        return False
    return hasattr(value, "__dict__") or bool(slots_of(type(value)))


def slots_of(kind: type) -> list[types.MemberDescriptorType]:
    """Return what a class keeps beside the ``__dict__`` of its objects."""
    members = [vars(each).values() for each in kind.__mro__ if "__slots__" in vars(each)]
    return [slot for own in members for slot in own if isinstance(slot, types.MemberDescriptorType)]


def stand_in(tensor: Any) -> torch.Tensor:
    """Return another parameter or buffer that has yet to learn its size."""
    return type(tensor)(requires_grad=tensor.requires_grad, device=tensor.device, dtype=tensor.dtype)
