"""What a network's code keeps outside it is found by following the code, and put back."""

from __future__ import annotations

import contextvars
import functools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace import trace


@dataclass
class Tables:
    cos: Tensor


class Slotted:
    __slots__ = ("last",)


class Plain:
    pass


GLOBAL = None
LISTED: list[Any] = [None]
TABLES: dict[int, Any] = {}
SLOTTED, PLAIN = Slotted(), Plain()
RECENT: deque[Any] = deque(maxlen=4)
CONTEXT: contextvars.ContextVar[Any] = contextvars.ContextVar("table", default=None)


@functools.cache
def cached(n: int) -> Tensor:
    return torch.arange(n).float()


@functools.lru_cache(2)
def cached_dict(n: int) -> dict[str, Tensor]:
    return {"cos": torch.arange(n).cos()}


@functools.lru_cache
def cached_record(n: int) -> Tables:
    return Tables(torch.arange(n).cos())


def by_global(n: int) -> Tensor:
    global GLOBAL
    if GLOBAL is None:
        GLOBAL = torch.ones(n)
    return GLOBAL


def by_list(n: int) -> Tensor:
    if LISTED[0] is None:
        LISTED[0] = torch.ones(n)
    return LISTED[0]


def by_dict(n: int) -> Tensor:
    if n not in TABLES:
        TABLES[n] = {"pair": (torch.ones(n), 1)}
    return TABLES[n]["pair"][0]


def by_slot(n: int) -> Tensor:
    if not hasattr(SLOTTED, "last"):
        SLOTTED.last = torch.ones(n)
    return SLOTTED.last


def by_object(n: int) -> Tensor:
    if not hasattr(PLAIN, "table"):
        PLAIN.table = [torch.ones(n)]
    return PLAIN.table[0]


def by_default(n: int, known: dict[int, Tensor] = {}) -> Tensor:  # noqa: B006
    return known.setdefault(n, torch.ones(n))


def by_context(n: int) -> Tensor:
    if CONTEXT.get() is None:
        CONTEXT.set(torch.ones(n))
    return CONTEXT.get()


def closing() -> Callable[[int], Tensor]:
    table = None

    def by_closure(n: int) -> Tensor:
        nonlocal table
        if table is None:
            table = torch.ones(n)
        return table

    return by_closure


WAYS = {
    "cache": cached,
    "cached dict": lambda n: cached_dict(n)["cos"],
    "cached record": lambda n: cached_record(n).cos,
    "global": by_global,
    "list": by_list,
    "dict": by_dict,
    "slot": by_slot,
    "object": by_object,
    "default": by_default,
    "context": by_context,
    "closure": closing(),
    "partial": functools.partial(by_default, known={}),
}


class Adds(nn.Module):
    def __init__(self, table: Any) -> None:
        super().__init__()
        self.fc, self.table = nn.Linear(4, 3), table

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x + self.table(x.shape[1]))


class OnTheClass(nn.Module):
    table: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        kind = type(self)
        if kind.table is None:
            kind.table = torch.ones(4)
        if not hasattr(kind, "mask"):
            kind.mask = torch.ones(4)
        return x + kind.table * kind.mask


@pytest.mark.parametrize("ran_before", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_a_table_kept_elsewhere_is_a_real_one_after_a_look(way: str, ran_before: bool) -> None:
    model = Adds(WAYS[way])
    before = model(torch.ones(1, 4)) if ran_before else None
    result = trace(model, as_call((4,)))
    assert (result.mode, result.failure, result.notes) == ("fake", None, ())
    after = model(torch.ones(1, 4))
    assert type(after) is Tensor
    assert before is None or torch.equal(before, after)
    assert trace(model, as_call((4,)), confirm=True).confirmed


def test_attributes_of_the_class_are_put_back() -> None:
    model = OnTheClass()
    trace(model, as_call((4,)), confirm=True)
    assert OnTheClass.table is None
    assert not hasattr(OnTheClass, "mask")
    assert type(model(torch.ones(1, 4))) is Tensor
    kept = OnTheClass.table
    trace(model, as_call((4,)))
    assert OnTheClass.table is kept


@pytest.mark.parametrize("log", [[], deque(maxlen=4), {}], ids=["list", "deque", "dict"])
def test_what_a_hook_wrote_down_is_taken_back(log: Any) -> None:
    model = nn.Linear(4, 3)
    model.register_forward_hook(
        lambda module, args, out: log.update(out=out) if isinstance(log, dict) else log.append(out)
    )
    trace(model, as_call((4,)))
    with untouched(model):
        model(torch.ones(1, 4))
    assert not log
    model(torch.ones(1, 4))
    assert len(log) == 1


def test_a_teacher_in_a_global_is_put_back() -> None:
    class Follows(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return TEACHER(x)

    with untouched(Follows()) as _:
        Follows()(torch.randn(5, 4))
    assert int(TEACHER[0].num_batches_tracked) == 0
    assert torch.equal(TEACHER[0].running_mean, torch.zeros(4))


TEACHER = nn.Sequential(nn.BatchNorm1d(4))


def test_a_large_table_elsewhere_is_not_copied() -> None:
    class Reads(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + LARGE[0]

    with untouched(Reads()):
        LARGE[0] += 1
    assert float(LARGE[0]) == 1
    LARGE.zero_()


LARGE = torch.zeros(2**20 + 1)
