"""What surrounds a watched run: the network's mode and inputs, and the session it must not disturb."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from nnarch_nb.core.device import device_of
from nnarch_nb.core.inputs import Call
from nnarch_nb.core.network import modules_of

FRAMES_PER_MODULE = 6


def evaluate(model: nn.Module) -> None:
    """Set evaluation mode without calling ``train``, which a network may have made its own."""
    for module in modules_of(model):
        if isinstance(module, torch.jit.ScriptModule):
            module.eval()
        else:
            module.training = False


def placed(model: nn.Module, call: Call, copy: Callable[[Tensor], Tensor]) -> Call:
    """Return the call with copies of its tensors, on the network's device if they were made by us."""
    device = device_of(model) if call.sample is not None else None

    def place(tensor: Tensor) -> Tensor:
        own = copy(tensor)
        if own.layout is torch.strided and 0 in own.stride():
            own = own.contiguous()  # one value seen from everywhere cannot be written to
        return own if device is None else own.to(device)

    args, kwargs = pytree.tree_map_only(Tensor, place, (call.args, call.kwargs))
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
