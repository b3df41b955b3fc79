"""What a training forward keeps for backward: most of the memory that training takes beside the weights.

Autograd says which tensors it keeps. Asked on fakes, the answer costs no memory and is that of a real run,
byte for byte: the same functions keep tensors of the same shapes, in memory that is shared in the same way.
"""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import Literal

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks

from nnarch_nb.core.device import memory_told
from nnarch_nb.core.inputs import Call, floating_type
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.fallback import bare, error_line, has_no_values, needs_values, real_from_the_start
from nnarch_nb.core.trace.leaks import Fakes
from nnarch_nb.core.trace.quick import Quickly
from nnarch_nb.core.trace.saved import Held, Kept, Saved, unmeasured
from nnarch_nb.core.trace.setting import (
    apart,
    deeper,
    placed,
    quiet,
    set_mode,
    unwrapped,
)
from nnarch_nb.core.trace.shield import fake_of, faked, seeming_device
from nnarch_nb.core.trace.workspace import RECKONED
from nnarch_nb.core.turns import LOCK
from nnarch_nb.errors import NNArchError


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

    try:
        with untouched(model), memory_told("training forward", "try a smaller input"):
            return watched(model, placed(model, call, apart), "real")[0]
    except NNArchError as error:
        return unmeasured(str(error), "real")


def watched(model: nn.Module, call: Call, mode: Literal["fake", "real"]) -> tuple[Kept, Exception | None]:
    saved = Saved({id(module): path for path, module in model.named_modules()})
    hooks, quickly = saved_tensors_hooks(saved.pack, Held.given_back), Quickly()
    set_mode(model, training=True)
    try:
        with torch.enable_grad(), saved.hooked(model), quickly, hooks:
            result = copy_context().run(model, *call.args, **call.kwargs)
    except Exception as error:
        return unmeasured(f"the training forward fails: {error_line(error)}", mode), bare(error)
    kept = saved.summed_up(model, mode, RECKONED if quickly.reckoned else "")
    del result  # it held the graph, and the graph what was kept
    return kept, None
