"""Lets a network run on fakes: its weights are swapped, and everything is put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from nnarch_nb.core.rng import kept_rng
from nnarch_nb.core.snapshot import Snapshot
from nnarch_nb.core.trace.leaks import Fakes


class Attributes(Snapshot):
    """The state of a network whose weights are fakes, which have no contents to remember."""

    def _walk(self, value: Any, depth: int) -> None:
        if not isinstance(value, FakeTensor):
            super()._walk(value, depth)


@contextmanager
def faked(
    model: nn.Module, fake: FakeTensorMode, made: Fakes, dtype: torch.dtype | None = None
) -> Iterator[None]:
    """Let each parameter and buffer be a fake; a tensor used in two places becomes one fake.

    Parameters
    ----------
    made
        Told of each fake.
    dtype
        The type that floating weights take; None for their own.
    """
    fakes: dict[int, Tensor] = {}
    originals: list[tuple[dict[str, Any], str, Tensor]] = []
    try:
        for table, name, tensor in weights_of(model):
            originals.append((table, name, tensor))
            if id(tensor) not in fakes:
                fakes[id(tensor)] = cast(fake.from_tensor(tensor), fake, dtype)
                made.note(fakes[id(tensor)])
            table[name] = fakes[id(tensor)]
        with kept_rng():
            attributes = Attributes(model)
            try:
                yield
            finally:
                attributes.restore()
    finally:
        for table, name, tensor in originals:
            table[name] = tensor


def cast(weight: Tensor, fake: FakeTensorMode, dtype: torch.dtype | None) -> Tensor:
    """Return the fake in the type asked for, a parameter again if it was one."""
    if dtype in (None, weight.dtype) or not weight.is_floating_point():
        return weight
    with fake, torch.no_grad():
        other = weight.detach().to(dtype)
        return nn.Parameter(other, weight.requires_grad) if isinstance(weight, nn.Parameter) else other


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
