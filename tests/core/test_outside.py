"""What a network's code keeps outside it is found by following the code, and put back."""

from __future__ import annotations

import contextvars
import functools
import importlib
import queue
import threading
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.snapshot import Snapshot, untouched
from nnarch_nb.core.trace import trace
from nnarch_nb.errors import NNArchError


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


def looked_at(model: nn.Module) -> None:
    assert trace(model, as_call((4,)), confirm=True).failure is None
    with untouched(model):
        model(torch.ones(1, 4))


def test_what_was_not_changed_is_not_written_to(tmp_path: Any) -> None:
    # A write to memory that is mapped for reading ends the process.
    np.save(tmp_path / "table.npy", np.ones((5, 4), "f4"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        READ_ONLY.append(torch.from_numpy(np.load(tmp_path / "table.npy", mmap_mode="r")))

    class Reads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.own = READ_ONLY[0]

        def forward(self, x: Tensor) -> Tensor:
            return x + READ_ONLY[0][0] + self.own[0]

    looked_at(Reads())
    READ_ONLY.clear()


READ_ONLY: list[Tensor] = []


class Frozen(dict):
    """Refuses what a user's own class may refuse."""

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("frozen")

    def clear(self) -> None:
        raise TypeError("frozen")


class Overridden(Slotted):
    __slots__ = ("__hidden",)

    def __init__(self) -> None:
        self.last, self.__hidden = 1, 0

    def count(self) -> None:
        self.__hidden += 1

    @property
    def counted(self) -> int:
        return self.__hidden


FROZEN = Frozen(width=4)
NESTED: list[Any] = []
for _ in range(3000):
    NESTED = [NESTED]
EXPANDED = torch.ones(1).expand(4)
FRAME = pd.DataFrame({"a": [1]})
OVERRIDDEN = Overridden()


class Odd(nn.Module):
    """Names and holds what is hard to copy, and changes hardly any of it."""

    def __init__(self) -> None:
        super().__init__()
        self.config, self.nested, self.index = FROZEN, NESTED, pd.MultiIndex.from_product([["a"], [1, 2]])
        self.counter = Overridden()
        self.register_buffer("scale", torch.ones(1).expand(4))

    def forward(self, x: Tensor) -> Tensor:
        assert not isinstance(x, pd.DataFrame)
        assert FRAME is not None
        assert NESTED is not None
        self.counter.count()
        OVERRIDDEN.count()
        return x[:, : FROZEN["width"]] * EXPANDED * self.scale


def test_odd_things_are_left_in_order() -> None:
    model = Odd()
    looked_at(model)
    assert FROZEN == {"width": 4}
    assert list(model.index) == [("a", 1), ("a", 2)]
    assert (model.counter.counted, OVERRIDDEN.counted) == (0, 0)


def test_a_thread_that_waits_at_a_queue_goes_on() -> None:
    class Logs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.queue: queue.Queue[int] = queue.Queue()

        def forward(self, x: Tensor) -> Tensor:
            self.queue.put(1)
            return x

    model, got = Logs(), threading.Semaphore(0)

    def work() -> None:
        while model.queue.get():
            got.release()

    threading.Thread(target=work, daemon=True).start()
    trace(model, as_call((4,)))
    assert got.acquire(timeout=10)
    model(torch.ones(1, 4))
    assert got.acquire(timeout=10)
    model.queue.put(0)


def test_a_global_is_told_from_an_attribute_of_the_same_name() -> None:
    class Attribute(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.LISTED = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.LISTED(x)

    with untouched(Attribute()):
        LISTED.append("another thread's")
    assert LISTED.pop() == "another thread's"


def test_packages_that_import_one_another_are_followed_once(tmp_path: Any, monkeypatch: Any) -> None:
    package = tmp_path / "nnarch_mutual"
    package.mkdir()
    package.joinpath("__init__.py").write_text("from nnarch_mutual import layers, utils\n")
    package.joinpath("utils.py").write_text(
        "import nnarch_mutual\nSEEN = []\n"
        "def scale(x):\n    SEEN.append(x)\n    return nnarch_mutual.layers.act(x)\n"
    )
    package.joinpath("layers.py").write_text(
        "import nnarch_mutual\ndef act(x):\n    return x if nnarch_mutual.utils.SEEN else -x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    mutual = importlib.import_module("nnarch_mutual")

    class Uses(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return mutual.utils.scale(x)

    looked_at(Uses())
    assert mutual.utils.SEEN == []


def test_a_very_long_list_is_not_walked_through() -> None:
    class Names(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + len(LONG)

    snapshot = Snapshot(Names())
    assert len(snapshot._kept) < 10_000


LONG = [[i] for i in range(100_000)]


def test_one_thing_that_cannot_be_put_back_does_not_keep_the_others() -> None:
    model = nn.BatchNorm1d(4)
    snapshot = Snapshot(model)
    model(torch.randn(3, 4))

    def refuse() -> None:
        raise TypeError("no")

    snapshot._undo.append(refuse)
    with pytest.raises(NNArchError, match="not all could be put back: no"):
        snapshot.restore()
    assert int(model.num_batches_tracked) == 0
