"""Threads that need what a process has one of: each as if it were alone, and none kept waiting for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from nnarch_nb import build, train
from nnarch_nb.core.rng import seeded
from nnarch_nb.core.turns import LOCK, Turns

X = torch.randn(400, 6, generator=torch.Generator().manual_seed(0))
Y = (X[:, 0] > 0).long()


def trained(seed: int, epochs: int = 4) -> torch.Tensor:
    """Return the weights that dropout and the order of samples lead to."""
    model = build("Linear(16), ReLU(), Dropout(0.5), Linear(2)", (6,), seed=seed)
    train(model, (X, Y), epochs=epochs, batch_size=8, seed=seed)
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def drawn(seed: int) -> torch.Tensor:
    with seeded(seed):
        return torch.rand(5)


@pytest.mark.parametrize("work", [trained, drawn])
def test_many_threads_find_what_one_alone_finds(work: Callable[[int], torch.Tensor]):
    alone, before = [work(seed) for seed in range(4)], torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, range(4)))
    assert all(map(torch.equal, alone, together))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_training_lets_others_in_and_goes_on_as_if_nothing_was():
    alone, network = trained(3, epochs=12), build("gru", (5, 2), classes=2, seed=1)
    waited, done = list[float](), threading.Event()

    def ask() -> None:
        while not done.is_set():
            began = time.perf_counter()
            again = build("gru", (5, 2), classes=2, seed=1)
            assert all(map(torch.equal, again.state_dict().values(), network.state_dict().values()))
            waited.append(time.perf_counter() - began)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        together = trained(3, epochs=12)
    finally:
        done.set()
        thread.join()
    assert torch.equal(alone, together)
    assert len(waited) > 3  # a plain lock would have let it in once, at the end


def test_who_lent_last_goes_on_first():
    turns, order = Turns(), list[str]()

    def second() -> None:
        with turns:
            order.append("second begins")
            third.start()
            while not turns._waiting:
                time.sleep(0.001)
            turns.give_way()
            order.append("second ends")

    def last() -> None:
        with turns:
            order.append("third")

    other, third = threading.Thread(target=second), threading.Thread(target=last)
    with turns, turns:  # taken twice, lent as a whole
        other.start()
        while not turns._waiting:
            time.sleep(0.001)
        turns.give_way()
        order.append("first")
    other.join()
    third.join()
    assert order == ["second begins", "third", "second ends", "first"]


def test_who_gives_up_waiting_is_not_waited_for():
    turns = Turns()
    turns._count(1)
    threading.Timer(0.1, lambda: turns._count(-1)).start()
    with turns:
        turns.give_way()
    assert not turns._lent


def test_an_error_ends_the_turn():
    with pytest.raises(ZeroDivisionError), LOCK:
        1 / 0  # noqa: B018
    found = list[bool]()

    def probe() -> None:
        with LOCK:
            found.append(True)

    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(5)
    assert found == [True]
