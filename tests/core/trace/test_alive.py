"""The most memory held at once: against closed forms, and against a plain run's own count."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace import Trace, trace
from nnarch_nb.core.trace.run import real_run
from nnarch_nb.core.trace.setting import quiet

KIB = 1024


class Calls(nn.Module):
    """A network whose forward is the function given."""

    def __init__(self, forward: Callable[..., Any]) -> None:
        super().__init__()
        self.function = forward

    def forward(self, *args: Tensor) -> Any:
        return self.function(*args)


def peak(model: nn.Module, inputs: Any) -> int | None:
    result = trace(model, as_call(inputs, None, model))
    assert (result.mode, result.failure) == ("fake", None)
    return result.peak_activation_bytes


@pytest.mark.parametrize(
    ("forward", "tensors"),
    [
        (lambda x: x * 2, 1),
        (lambda x: x, 0),
        (lambda x: x[:, :1].T, 0),
        (lambda x: x.add_(1), 0),
        (lambda x: (x * 2).relu_(), 1),
        (lambda x: x * 2 + x * 3, 3),
        (lambda x: (x * 2).view(-1)[None].expand(9, -1), 1),
        (lambda x: ((x * 2) * 2) * 2, 2),
        (lambda x: torch.tensor([1.0] * KIB) + x, 2),
    ],
)
def test_closed_forms(forward: Callable[[Tensor], Any], tensors: int) -> None:
    assert peak(Calls(forward), torch.zeros(1, KIB)) == tensors * 4 * KIB


def test_weights_and_buffers_are_no_activations() -> None:
    model = nn.Linear(KIB, KIB)
    model.register_buffer("scale", torch.ones(KIB))
    model.constant = torch.ones(KIB)
    forward = Calls(lambda x: model(x).mul_(model.scale).add_(model.constant[:5].sum()))
    forward.inner = model
    assert peak(forward, (KIB,)) == 4 * KIB + 4


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.a(x), inplace=True)
        x = x + self.norm(self.b(x))
        return torch.cat([self.pool(x), F.avg_pool2d(x, 2)], 1).flatten(1)


class Steps(nn.Module):
    """Keeps results of a loop, and drops others."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.out = nn.GRUCell(4, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        state, outs = torch.zeros(x.shape[0], 8), []
        for step in x.unbind(1):
            state = self.cell(step, state)
            outs.append(self.out(state).softmax(-1))
        return torch.stack(outs, 1)


class Measures(TorchDispatchMode):
    """Asks at each kernel which of the storages made so far are still there."""

    def __init__(self, given: list[Tensor]) -> None:
        super().__init__()
        self.given = {tensor.untyped_storage()._cdata for tensor in given}
        self.made: list[weakref.ref[Any]] = []
        self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.made += [weakref.ref(t.untyped_storage()) for t in tree_leaves(out) if isinstance(t, Tensor)]
        alive = {s._cdata: s.nbytes() for s in (ref() for ref in self.made) if s is not None}
        self.peak = max(self.peak, sum(size for key, size in alive.items() if key not in self.given))
        return out


def measured(model: nn.Module, args: tuple[Any, ...]) -> int:
    tensors = [t for t in (*args, *model.parameters(), *model.buffers()) if isinstance(t, Tensor)]
    with untouched(model), torch.no_grad(), quiet(), Measures(tensors) as measures:
        model.eval()(*args)
    return measures.peak


@pytest.mark.parametrize(
    ("model", "args"),
    [
        (Residual(), (torch.zeros(2, 4, 8, 8),)),
        (nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1)),
         (torch.zeros(2, 3, 17, 17),)),
        (Steps(), (torch.zeros(2, 5, 4),)),
        (nn.LSTM(4, 8, 2, batch_first=True, bidirectional=True), (torch.zeros(2, 7, 4),)),
        (nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2,
                               enable_nested_tensor=False), (torch.zeros(2, 9, 16),)),
        (nn.Transformer(16, 2, 1, 1, 32, batch_first=True), (torch.zeros(2, 5, 16), torch.zeros(2, 6, 16))),
        (nn.Sequential(nn.Embedding(9, 8), nn.LayerNorm(8), nn.Dropout(), nn.Linear(8, 2), nn.GELU()),
         (torch.zeros(3, 4, dtype=torch.long),)),
    ],
)  # fmt: skip
def test_equal_to_a_plain_run_byte_for_byte(model: nn.Module, args: tuple[Any, ...]) -> None:
    expected = measured(model, args)
    real: Trace = real_run(model, as_call(args), "asked for")
    assert (peak(model, args), real.peak_activation_bytes) == (expected, expected)
    assert expected > 0


def test_a_failed_run_has_no_peak() -> None:
    assert trace(nn.Linear(4, 2), as_call((5,))).peak_activation_bytes is None
