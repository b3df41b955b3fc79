"""What autograd saved during one run, and which module was running when it did."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nnarch_nb.core.trace.alive import storage_in
from nnarch_nb.core.trace.flow import tensors_in
from nnarch_nb.core.trace.setting import cannot_train, untrained_note


@dataclass(frozen=True)
class Kept:
    """What is kept for backward when a training forward ends.

    Attributes
    ----------
    bytes
        Memory of the tensors kept: each storage once, parameters and buffers excluded, inputs included. None
        if it could not be measured; ``note`` says why.
    float_bytes
        Those of floating numbers, so that another type can be reckoned.
    by_path
        The same by the innermost module that ran when it was first kept; adds up to ``bytes``.
    mode
        ``fake`` if nothing was computed, ``real`` if the network had to run on its weights.
    note
        What a reader must know, else empty.
    """

    bytes: int | None
    float_bytes: int | None
    by_path: dict[str, int]
    mode: Literal["fake", "real"]
    note: str = ""


def unmeasured(why: str, mode: Literal["fake", "real"]) -> Kept:
    return Kept(None, None, {}, mode, f"not measured: {why}")


class Held:
    """What autograd holds in place of a tensor it saved; gone when its step of the graph is."""

    __slots__ = ("__weakref__", "path", "tensor")

    def __init__(self, tensor: Tensor, path: str) -> None:
        # The result of the very step that saves it would keep that step, and so itself, for ever.
        self.tensor, self.path = tensor.detach() if tensor.grad_fn else tensor, path

    def given_back(self) -> Tensor:
        return self.tensor


@dataclass
class Saved:
    """The tensors autograd saved during one run, each with the module that was running."""

    paths: dict[int, str]
    held: list[weakref.ref[Held]] = field(default_factory=list)
    running: list[nn.Module] = field(default_factory=list)
    untrained: list[str] = field(default_factory=list)
    thread: int = field(default_factory=threading.get_ident)

    def pack(self, tensor: Tensor) -> Held:
        held = Held(tensor, self.paths.get(id(self.running[-1]), "") if self.running else "")
        self.held.append(weakref.ref(held))
        return held

    @contextmanager
    def hooked(self, model: nn.Module) -> Iterator[None]:
        """Be told which module runs; what a compiled script runs within is its parent's."""
        modules = [module for module in model.modules() if not isinstance(module, torch.jit.ScriptModule)]
        handles = [module.register_forward_pre_hook(self.begin, with_kwargs=True) for module in modules]
        handles += [module.register_forward_hook(self.end) for module in modules]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def begin(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() != self.thread:
            return
        self.running.append(module)
        if module.training and cannot_train(module, tensors_in((args, kwargs))):
            module.training = False
            self.untrained.append(self.paths.get(id(module), ""))

    def end(self, module: nn.Module, args: Any, result: Any) -> None:
        if threading.get_ident() == self.thread:
            # A module whose error its parent caught never ended: it leaves with the parent.
            while self.running.pop() is not module:
                pass

    def summed_up(self, model: nn.Module, mode: Literal["fake", "real"], note: str = "") -> Kept:
        """Return what is held still, each storage once and by the first that saved it."""
        weights = {key_of(tensor) for tensor in (*model.parameters(), *model.buffers())}
        sizes: dict[Any, int] = {}
        by_path: dict[str, int] = {}
        floating = 0
        for held in filter(None, (reference() for reference in self.held)):
            storage = storage_in(held.tensor)
            if storage is None:
                return unmeasured("sparse tensors are kept, whose memory torch does not tell", mode)
            if storage._cdata in weights or storage._cdata in sizes:
                continue
            sizes[storage._cdata] = size = storage.nbytes()
            by_path[held.path] = by_path.get(held.path, 0) + size
            floating += size * held.tensor.is_floating_point()
        notes = (*untrained_note(self.untrained), *filter(None, [note]))
        return Kept(sum(sizes.values()), floating, by_path, mode, " ".join(notes))


def key_of(tensor: Tensor) -> int | None:
    storage = storage_in(tensor)
    return None if storage is None else storage._cdata
