"""What a training forward keeps for backward: most of the memory that training takes beside the weights.

Autograd says which tensors it keeps. Asked on fakes, the answer costs no memory and is that of a real run,
byte for byte: the same functions keep tensors of the same shapes, in memory that is shared in the same way.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks

from nnarch_nb.core.device import memory_told
from nnarch_nb.core.inputs import Call, floating_type
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.alive import storage_in
from nnarch_nb.core.trace.fallback import bare, error_line, has_no_values, needs_values, real_from_the_start
from nnarch_nb.core.trace.flow import tensors_in
from nnarch_nb.core.trace.leaks import Fakes
from nnarch_nb.core.trace.quick import Quickly
from nnarch_nb.core.trace.run import LOCK
from nnarch_nb.core.trace.setting import (
    cannot_train,
    deeper,
    placed,
    quiet,
    set_mode,
    untrained_note,
    unwrapped,
)
from nnarch_nb.core.trace.shield import fake_of, faked, seeming_device
from nnarch_nb.errors import NNArchError


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


def kept_for_backward(model: nn.Module, call: Call, dtype: str | torch.dtype | None = None) -> Kept:
    """Return what a training forward keeps for backward; the network is left as it was.

    Parameters
    ----------
    model
        A network given in training mode keeps the mode of each of its modules, so that what is frozen
        stays frozen; one in evaluation mode is looked at as if all of it were trained.
    call
        Its arguments. What is kept grows with the batch.
    dtype
        Look at the network as if its floating weights and inputs were of this type.

    Returns
    -------
    Kept
        Of the functions of the device the network is on. What kernels need besides is not in it.

    Notes
    -----
    By ``torch.autograd.graph.saved_tensors_hooks``: what autograd saved and still holds at the end. A
    tensor that a custom function stores elsewhere than by ``save_for_backward`` is not seen.

    Examples
    --------
    >>> from nnarch_nb.core.inputs import as_call
    >>> model = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid())
    >>> kept_for_backward(model, as_call((4,))).by_path  # 4 inputs and 3 outputs, of 4 bytes each
    {'0': 16, '1': 12}
    """
    model, kind = unwrapped(model), None if dtype is None else floating_type(dtype)
    with LOCK, quiet(), deeper(model):
        if real_from_the_start(model, call) or any(
            isinstance(m, torch.jit.ScriptModule) for m in model.modules()
        ):
            return in_real(model, call, kind)
        kept, error = in_fake(model, call, kind)
        if needs_values(error) and not has_no_values(model, call):
            return in_real(model, call, kind)
        return kept


def in_fake(model: nn.Module, call: Call, dtype: torch.dtype | None) -> tuple[Kept, Exception | None]:
    device = seeming_device(model, call)
    kept, error = on_fakes(model, call, dtype, device)
    return (kept, error) if error is None or device is None else on_fakes(model, call, dtype, None)


def on_fakes(
    model: nn.Module, call: Call, dtype: torch.dtype | None, device: torch.device | None
) -> tuple[Kept, Exception | None]:
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    copied = partial(fake_of, fake=fake, dtype=dtype, device=device)
    with faked(model, fake, Fakes(), dtype, device), fake:
        return watched(model, placed(model, call, copied), "fake")


def in_real(model: nn.Module, call: Call, dtype: torch.dtype | None) -> Kept:
    if dtype is not None:
        return unmeasured(
            "another type is looked at without values, and this network takes a real run", "real"
        )

    def copied(tensor: Tensor) -> Tensor:
        return tensor.detach().clone().requires_grad_(tensor.requires_grad)

    try:
        with untouched(model), memory_told("training forward", "try a smaller input"):
            return watched(model, placed(model, call, copied), "real")[0]
    except NNArchError as error:
        return unmeasured(str(error), "real")


def unmeasured(why: str, mode: Literal["fake", "real"]) -> Kept:
    return Kept(None, None, {}, mode, f"not measured: {why}")


def watched(model: nn.Module, call: Call, mode: Literal["fake", "real"]) -> tuple[Kept, Exception | None]:
    saved = Saved({id(module): path for path, module in model.named_modules()})
    hooks = saved_tensors_hooks(saved.pack, Held.given_back)
    set_mode(model, training=True)
    try:
        with torch.enable_grad(), saved.hooked(model), Quickly(), hooks:
            result = copy_context().run(model, *call.args, **call.kwargs)
    except Exception as error:
        return unmeasured(f"the training forward fails: {error_line(error)}", mode), bare(error)
    kept = saved.summed_up(model, mode)
    del result  # it held the graph, and the graph what was kept
    return kept, None


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

    def summed_up(self, model: nn.Module, mode: Literal["fake", "real"]) -> Kept:
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
        note = " ".join(untrained_note(self.untrained))
        return Kept(sum(sizes.values()), floating, by_path, mode, note)


def key_of(tensor: Tensor) -> int | None:
    storage = storage_in(tensor)
    return None if storage is None else storage._cdata
