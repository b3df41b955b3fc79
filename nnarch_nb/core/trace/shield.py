"""Lets a network run on fakes: its weights are swapped, and everything is put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.rng import kept_rng
from nnarch_nb.core.snapshot import Snapshot
from nnarch_nb.core.trace.fakes import fake_from, unfilled
from nnarch_nb.core.trace.leaks import Fakes, uncollected


class Attributes(Snapshot):
    """The state of a network whose weights are fakes, which have no contents to remember."""

    def _remember_numbers(self, value: Any) -> None:
        if not isinstance(value, FakeTensor):
            super()._remember_numbers(value)


@contextmanager
def faked(
    model: nn.Module,
    fake: FakeTensorMode,
    made: Fakes,
    dtype: torch.dtype | None = None,
    device: torch.device | None = None,
) -> Iterator[None]:
    """Let each parameter and buffer be a fake; a tensor used in two places becomes one fake.

    Parameters
    ----------
    made
        Told of each fake.
    dtype, device
        The type that floating weights take, and the device all seem to be on; None for their own.
    """
    fakes: dict[int, Tensor] = {}
    originals: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for table, name, tensor in weights_of(model):
            originals.append((table, name, tensor))
            if id(tensor) not in fakes:
                fakes[id(tensor)] = fake_of(tensor, fake, dtype, device)
                made.note(fakes[id(tensor)])
            table[name] = fakes[id(tensor)]
        for module in model.modules():
            if isinstance(module, nn.RNNBase):
                # It hands its weights over from a list of its own.
                originals.append((vars(module), "_flat_weights", module._flat_weights))
                vars(module)["_flat_weights"] = [fakes.get(id(w), w) for w in module._flat_weights]
        with kept_rng(), uncollected():
            attributes = Attributes(model)
            try:
                yield
            finally:
                attributes.restore()
    finally:
        for table, name, tensor in originals:
            table[name] = tensor


def fake_of(
    tensor: Tensor,
    fake: FakeTensorMode,
    dtype: torch.dtype | None = None,
    device: torch.device | None = None,
) -> Tensor:
    """Return a fake of the tensor, in the type and seemingly on the device asked for."""
    if (
        type(tensor) not in (Tensor, nn.Parameter)
        or tensor.layout is not torch.strided
        or tensor.is_quantized
    ):
        return fake.from_tensor(tensor)
    kind = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
    # What from_tensor does, without its look at views, symbols and subclasses.
    form = unfilled(tensor.shape, tensor.stride(), kind)
    made = fake_from(
        fake, form, device or tensor.device, tensor.requires_grad, weight=isinstance(tensor, nn.Parameter)
    )
    fake.fake_tensor_converter.set_tensor_memo(tensor, made)  # where its code holds the tensor itself
    return made


def seeming_device(model: nn.Module, call: Call) -> torch.device | None:
    """Return the CPU for a network that lies on ``meta`` with all it is given, else None.

    There its kernels are those that a device has, attention in one piece among them, and what they cost and
    keep is what it would be; on ``meta`` torch takes attention to pieces that no device sees.
    """
    tensors = [*model.parameters(), *model.buffers(), *call.tensors]
    given = tensors if call.sample is None else tensors[: len(tensors) - len(call.tensors)]
    return torch.device("cpu") if given and all(tensor.is_meta for tensor in given) else None


def weights_of(model: nn.Module) -> list[tuple[dict[str, Any], str, Tensor]]:
    """Return every place a weight is kept in; a compiled script keeps its own out of reach."""
    return [
        (table, name, tensor)
        for module in model.modules()
        if not isinstance(module, torch.jit.ScriptModule)
        for table in (module._parameters, module._buffers)
        for name, tensor in table.items()
        if tensor is not None
    ]
