"""What surrounds a watched run: the network's mode and inputs, and the session it must not disturb."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from nnarch_nb.core.device import device_of
from nnarch_nb.core.inputs import Call, with_tensors
from nnarch_nb.core.network import modules_of

FRAMES_PER_MODULE = 6


class Manner(NamedTuple):
    """How a network is run.

    Attributes
    ----------
    training
        As in training: its modules and its gradients. A network given in training mode keeps the mode of
        each of its modules, so that a frozen normalization stays frozen.
    dtype
        The type that floating weights and inputs take; None for their own.
    grad
        With gradients although it is not trained, as networks of physics want.
    device
        The device that a network on ``meta`` seems to be on; None for its own.
    """

    training: bool = False
    dtype: torch.dtype | None = None
    grad: bool = False
    device: torch.device | None = None

    @property
    def gradients(self) -> bool:
        return self.training or self.grad


def set_mode(model: nn.Module, training: bool) -> None:
    """Set the mode without calling ``train``, which a network may have made its own."""
    if training and model.training:
        return
    for module in modules_of(model):
        if isinstance(module, torch.jit.ScriptModule):
            module.train(training)
        else:
            module.training = training


def cannot_train(module: nn.Module, given: list[Tensor]) -> bool:
    """Whether a batch normalization is to be trained on one value a channel, which torch refuses."""
    if not isinstance(module, _BatchNorm) or not module.training or not given or given[0].dim() < 2:
        return False
    return given[0].numel() == given[0].shape[1] and module.running_mean is not None


def untrained_note(paths: list[str]) -> tuple[str, ...]:
    """Return that normalizations ran as in evaluation, if some did."""
    if not paths:
        return ()
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    return (
        f"A batch with one value a channel cannot train {paths[0] or 'BatchNorm'}{more}: "
        "it ran as in evaluation. Give a batch of two samples or more.",
    )


def apart(tensor: Tensor) -> Tensor:
    """Return a copy that wants gradients as the tensor does, and keeps them to itself."""
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def placed(model: nn.Module, call: Call, copy: Callable[[Tensor], Tensor]) -> Call:
    """Return the call with copies of its tensors, on the network's device if they were made by us."""
    device = device_of(model) if call.sample is not None else None
    copies: dict[int, Tensor] = {}

    def place(tensor: Tensor) -> Tensor:
        # A tensor given twice is one tensor in the run too.
        if id(tensor) not in copies:
            own = copy(tensor)
            if own.layout is torch.strided and 0 in own.stride():
                own = own.contiguous()  # one value seen from everywhere cannot be written to
            copies[id(tensor)] = own if device is None else own.to(device)
        return copies[id(tensor)]

    args, kwargs = with_tensors(place, (call.args, call.kwargs))
    return replace(call, args=args, kwargs=kwargs)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the network inside the wrappers that run it on several devices or compiled."""
    inner = dict(model.named_children()).get("_orig_mod")
    if isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
        inner = model.module
    return model if inner is None else unwrapped(inner)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep torch's remarks about fakes to itself, and attention on the path whose cost is known."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    silent, fast = logger.disabled, torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        if "torch._dynamo" in sys.modules:  # asking for it would import it
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        try:
            logger.disabled = True
            torch.backends.mha.set_fastpath_enabled(False)
            yield
        finally:
            logger.disabled = silent
            torch.backends.mha.set_fastpath_enabled(fast)


@contextmanager
def deeper(model: nn.Module) -> Iterator[None]:
    """Allow as many more frames as watching a deeply nested network needs."""
    depth = max(path.count(".") + 1 for path, _ in model.named_modules())
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + FRAMES_PER_MODULE * depth)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
