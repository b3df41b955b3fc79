"""A trace leaves nothing behind: not in the network, not in the session, not in memory."""

from __future__ import annotations

import copy
import gc
import logging
import random
import sys
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace


class Busy(nn.Module):
    """Changes everything a forward run can change."""

    def __init__(self, ending: str) -> None:
        super().__init__()
        self.ending = ending
        self.fc = nn.Linear(4, 4)
        self.twin = nn.Linear(4, 4)
        self.twin.weight = self.fc.weight
        self.norm = nn.BatchNorm1d(4)
        self.register_buffer("steps", torch.zeros(1))
        self.constant = torch.ones(4)
        self.calls = 0
        self.seen: list[Any] = []
        self.cache: dict[str, Any] = {}

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.seen.append(x)
        self.cache["x"] = x
        self.steps += 1
        self.constant.mul_(2)
        self.late = nn.Linear(2, 2)
        x = self.norm(self.twin(self.fc(x))) + torch.rand(4) + random.random() + float(np.random.rand())
        if self.ending == "error":
            raise ValueError("stop")
        if self.ending == "interrupt":
            raise KeyboardInterrupt
        return x if self.ending == "fake" or x.sum() > -1e9 else -x


def everything(model: nn.Module) -> dict[str, Any]:
    """Return what could have changed, identities included."""
    return {
        "tensors": {name: (id(t), t.clone()) for name, t in model.state_dict(keep_vars=True).items()},
        "attributes": {path: dict(m.__dict__) for path, m in model.named_modules()},
        "containers": copy.copy((model.seen, model.cache, model.calls, model.constant.clone())),
        "modules": [(path, id(m), type(m), m.training) for path, m in model.named_modules()],
        "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
        "random": (random.getstate(), torch.get_rng_state(), np.random.get_state()[1].tolist()),
        "grad": [p.grad for p in model.parameters()],
        "session": (
            torch.is_grad_enabled(),
            torch.backends.mha.get_fastpath_enabled(),
            sys.getrecursionlimit(),
            logging.getLogger("torch._subclasses.fake_tensor").disabled,
        ),
    }


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return isinstance(b, Tensor) and type(a) is type(b) and torch.equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a is b or bool(a == b)


@pytest.mark.parametrize("ending", ["fake", "real", "error", "interrupt"])
@pytest.mark.parametrize("training", [True, False])
def test_no_trace_left(ending: str, training: bool) -> None:
    model = Busy(ending).train(training)
    model.norm.eval()
    model.fc.bias.requires_grad_(False)
    before = everything(model)
    if ending == "interrupt":
        with pytest.raises(KeyboardInterrupt):
            trace(model, as_call((4,)))
    else:
        result = trace(model, as_call((4,)))
        assert result.mode == ("real" if ending == "real" else "fake")
    assert same(everything(model), before)
    assert model.twin.weight is model.fc.weight


def test_the_inputs_are_left_alone() -> None:
    class Writes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x.add_(1)
            return x if x.sum() > 0 else -x

    x = torch.zeros(2, 3)
    assert trace(Writes(), as_call(x)).mode == "real"
    assert torch.equal(x, torch.zeros(2, 3))


@pytest.mark.parametrize("ending", ["fake", "real", "error"])
def test_the_network_is_freed(ending: str) -> None:
    model = Busy(ending)
    result = trace(model, as_call((4,)))
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None
    assert result.params == 16 + 4 + 4 + 8


def test_hooks_of_the_user_still_run_and_stay() -> None:
    model = nn.Sequential(nn.Linear(4, 4))
    model[0].register_forward_hook(lambda module, args, out: out[:, :2])
    assert trace(model, as_call((4,))).output == trace(model, as_call((4,))).output == (1, 2)
    assert len(model[0]._forward_hooks) == 1


def test_batch_normalization_takes_one_sample() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)).train()
    assert trace(model, as_call((4,))).failure is None
    assert model.training
    assert model[1].training
