"""Small data that a network learns in a moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from nnarch_nb.core import events
from nnarch_nb.core.data import Data, Split


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def cut(x: torch.Tensor, y: torch.Tensor, sizes: tuple[int, int, int], kind: str, names: tuple) -> Data:
    splits = (Split(a, b) for a, b in zip(x.split(sizes), y.split(sizes), strict=True))
    return Data("points", *splits, kind, tuple(x.shape[1:]), names)


def draw(n: int) -> torch.Tensor:
    return torch.randn(n, 4, generator=torch.Generator().manual_seed(0))


def classes(train: int = 300, val: int = 100, test: int = 100) -> Data:
    x = draw(train + val + test)
    return cut(x, (x.sum(1) > 0).long(), (train, val, test), "classification", ("below", "above"))


def numbers(train: int = 300, val: int = 100, test: int = 100) -> Data:
    x = draw(train + val + test)
    y = (x @ torch.tensor([[1.0], [-2.0], [0.5], [0.0]]) + 0.3 * x[:, 3:] ** 2).float()
    return cut(x, y, (train, val, test), "regression", ("y",))


def net(outputs: int = 2) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, outputs))


class Watcher:
    """A listener that sees every task, and may stop it."""

    def __init__(self) -> None:
        self.stop_at = float("inf")
        self.updates: list[float] = []
        self.results: list[object] = []

    def update(self, task: events.Task) -> None:
        self.updates.append(task.done)
        if task.done >= self.stop_at:
            task.stop.set()

    def finish(self, task: events.Task, result: object) -> None:
        self.task = task
        self.results.append(result)


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watcher = Watcher()
    undo = events.listen(lambda task: watcher)
    yield watcher
    undo()
