"""Randomness that is repeatable and leaves no trace in the session's generators."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import torch

from nnarch_nb.core.options import require_whole
from nnarch_nb.core.turns import LOCK


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a generator of its own, so that drawing from it moves nobody else's."""
    return torch.Generator(device=device).manual_seed(require_whole("seed", seed, 0))


def accelerators() -> list[ModuleType]:
    """Return the accelerators in use: asking another for its generator would start it."""
    return [module for module in (torch.cuda, torch.xpu) if module.is_initialized()]


@contextmanager
def kept_rng() -> Iterator[None]:
    """Put the generators of torch, its accelerators, numpy and Python back as they were."""
    numpy = sys.modules.get("numpy")  # asked only if somebody uses it
    states = (random.getstate(), torch.get_rng_state(), numpy and numpy.random.get_state())
    devices = [(module, module.get_rng_state_all()) for module in accelerators()]
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        yield
    finally:
        random.setstate(states[0])
        torch.set_rng_state(states[1])
        if numpy and states[2]:
            numpy.random.set_state(states[2])
        for module, state in devices:
            module.set_rng_state_all(state)
        if mps is not None:
            torch.mps.set_rng_state(mps)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run with every generator set to ``seed``; afterwards they are as they were before.

    One thread at a time, as the generators are the process's; who works long lets others in by
    ``LOCK.give_way()``.

    Parameters
    ----------
    seed
        0 or more. An accelerator is seeded if it is in use when the block begins: one that is not would
        remember the seed until it starts, and so past the end of the block.
    """
    seed = require_whole("seed", seed, 0)
    with LOCK, kept_rng():
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
        for module in accelerators():
            module.manual_seed_all(seed)
        if torch.backends.mps.is_available():
            torch.mps.manual_seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed % 2**32)
        yield
