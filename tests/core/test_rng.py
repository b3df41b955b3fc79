from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from nnarch_nb.core.rng import generator, kept_rng, seeded
from nnarch_nb.errors import NNArchError


def drawn() -> tuple[float, float, float]:
    return torch.rand(1).item(), random.random(), float(np.random.rand())


def states() -> tuple[bytes, object, bytes]:
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), np.random.get_state()[1].tobytes()


def test_seeded_repeats_and_leaves_no_trace():
    before = states()
    draws = []
    for seed in (5, 5, 6):
        with seeded(seed):
            draws.append(drawn())
    assert draws[0] == draws[1] != draws[2]
    assert states() == before


@pytest.mark.parametrize("manager", [kept_rng, lambda: seeded(1)])
def test_an_error_leaves_no_trace_either(manager):
    before = states()
    with pytest.raises(ZeroDivisionError), manager():
        drawn()[0] / 0
    assert states() == before


def test_a_generator_of_its_own_moves_nobody_elses():
    before = states()
    first = torch.rand(3, generator=generator(2))
    assert torch.equal(first, torch.rand(3, generator=generator(2)))
    assert states() == before


def test_large_seeds_are_taken():
    with seeded(2**62):
        drawn()


def test_seeds_of_numpy_are_taken():
    with seeded(np.int64(5)):
        first = drawn()
    with seeded(5):
        assert drawn() == first


@pytest.mark.parametrize("seed", [-1, 2**63, 10**30, 1.5, "1", None, True])
@pytest.mark.parametrize("use", [generator, lambda seed: seeded(seed).__enter__()])
def test_a_seed_that_cannot_be_is_one_line(use, seed):
    with pytest.raises(NNArchError, match="seed must be a whole number of at least 0"):
        use(seed)


def test_an_accelerator_that_is_not_in_use_is_not_seeded_for_later(monkeypatch):
    calls = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", calls.append)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    with seeded(1):
        pass
    assert not calls


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_accelerators_generator_is_kept():
    torch.cuda.init()
    before = torch.cuda.get_rng_state()
    with seeded(1):
        torch.rand(3, device="cuda")
    assert torch.equal(torch.cuda.get_rng_state(), before)
