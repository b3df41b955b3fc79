"""What a run on fakes left elsewhere than in the network is taken back, so that real runs go on working."""

from __future__ import annotations

import functools
from collections import deque
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace

LOG: list[Any] = []
RECENT: deque[Any] = deque(maxlen=4)
TABLES: dict[int, Any] = {}


class Slotted:
    __slots__ = ("last",)


SLOTTED = Slotted()


@functools.cache
def positions(n: int) -> Tensor:
    return torch.arange(n).float()


@functools.lru_cache(2)
def rotary(n: int) -> tuple[Tensor, Tensor]:
    return torch.arange(n).cos(), torch.arange(n).sin()


def in_a_dict(n: int) -> Tensor:
    if n not in TABLES:
        TABLES[n] = (torch.ones(n),)
    return TABLES[n][0]


def in_a_slot(n: int) -> Tensor:
    if not hasattr(SLOTTED, "last"):
        SLOTTED.last = torch.ones(n)
    return SLOTTED.last


class Adds(nn.Module):
    def __init__(self, table: Any) -> None:
        super().__init__()
        self.fc, self.table = nn.Linear(4, 3), table

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x + self.table(x.shape[1]))


@pytest.mark.parametrize(
    "table", [positions, lambda n: sum(rotary(n)), in_a_dict, in_a_slot], ids=["cache", "lru", "dict", "slot"]
)
def test_a_table_kept_elsewhere_is_no_fake_afterwards(table: Any) -> None:
    model = Adds(table)
    result = trace(model, as_call((4,)))
    assert (result.mode, result.failure) == ("fake", None)
    real = model(torch.ones(1, 4))
    assert type(real) is Tensor
    assert real.isfinite().all()
    assert type(table(4)) is Tensor


@pytest.mark.parametrize("log", [LOG, RECENT], ids=["list", "deque"])
def test_a_hook_logs_only_real_runs(log: Any) -> None:
    model = nn.Linear(4, 3)
    log.append("kept")
    model.register_forward_hook(lambda module, args, result: log.append(result))
    trace(model, as_call((4,)))
    assert list(log) == ["kept"]
    model(torch.ones(1, 4))
    assert not isinstance(log[-1], FakeTensor)


def test_a_failed_run_leaves_no_fake_either() -> None:
    model = nn.Sequential(Adds(positions), nn.Linear(7, 1))
    positions.cache_clear()
    assert trace(model, as_call((4,))).failure is not None
    assert type(positions(4)) is Tensor
