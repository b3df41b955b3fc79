"""Times by operation: the same operations as in the trace, and nothing left behind."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace
from nnarch_nb.core.trace.timing import seconds_by_operation
from nnarch_nb.errors import NNArchError


class Net(nn.Module):
    """A skip, an in-place write, a layer called twice, one given as keyword, attention."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.norm = nn.Linear(8, 8), nn.BatchNorm1d(5)
        self.attend, self.drop = nn.MultiheadAttention(8, 2, batch_first=True), nn.Dropout()
        self.calls = 0

    def forward(self, x: Tensor) -> Any:
        self.calls += 1
        y = F.relu(self.fc(input=self.fc(x)), inplace=True)
        y[:, 0] = x[:, 0]
        y = self.drop(self.norm(y)) + x
        return {"y": self.attend(y, y, y)[0], "x": x}


def test_the_operations_are_those_of_the_trace() -> None:
    model, call = Net(), as_call((5, 8))
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    times = seconds_by_operation(model, call, repeats=2)
    steps = [step.id for step in trace(model, call).operations if step.kind in ("module", "function")]
    assert sorted(times) == steps
    assert all(0 < seconds < 60 for seconds in times.values())
    assert model.calls == 0
    assert model.training
    assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_each_operation_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("nnarch_nb.core.trace.timing.clock_for", lambda model: lambda: now[0])

    class Takes(nn.Module):
        def __init__(self, seconds: float) -> None:
            super().__init__()
            self.seconds = seconds

        def forward(self, x: Tensor) -> Tensor:
            now[0] += self.seconds
            return x + 1

    hooked = nn.Linear(4, 4)
    hooked.register_forward_hook(lambda *_: now.__setitem__(0, now[0] + 3.0))
    model = nn.Sequential(Takes(100.0), hooked, nn.ReLU())
    times = seconds_by_operation(model, as_call((4,)))
    names = {step.id: step.name for step in trace(model, as_call((4,))).operations}
    assert {names[number]: seconds for number, seconds in times.items()} == {
        "add": 0.0,
        "Linear": 3.0,
        "ReLU": 0.0,
    }


def test_networks_that_differentiate_are_timed() -> None:
    class Energy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = x.detach().requires_grad_()
            return torch.autograd.grad(self.fc(x).sum(), x)[0]

    assert seconds_by_operation(Energy(), as_call((2,)))


def test_what_cannot_be_timed_is_said() -> None:
    with pytest.raises(NNArchError, match="Linear is on the meta device and has no values to run with"):
        seconds_by_operation(nn.Linear(4, 2, device="meta"), as_call((4,)))
    with pytest.raises(NNArchError, match="the run to measure time fails: RuntimeError"):
        seconds_by_operation(nn.Linear(4, 2), as_call((5,)))
    with pytest.raises(NNArchError, match="repeats must be a whole number"):
        seconds_by_operation(nn.Linear(4, 2), as_call((4,)), repeats=0)

    class Wanders(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            for _ in range(int(torch.randint(1, 1000, ()))):
                x = x + 1
            return x

    with pytest.raises(NNArchError, match="Wanders takes other steps each time"):
        seconds_by_operation(Wanders(), as_call((4,)))
