"""Randomness that is repeatable and leaves no trace in the session's generators."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a generator of its own, so that drawing from it moves nobody else's."""
    return torch.Generator(device=device).manual_seed(seed)


@contextmanager
def kept_rng() -> Iterator[None]:
    """Put the generators of torch, its accelerators, numpy and Python back as they were."""
    # Asking torch.cuda or numpy for a state would initialise them: only those in use are kept.
    numpy = sys.modules.get("numpy")
    states = (random.getstate(), torch.get_rng_state(), numpy and numpy.random.get_state())
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        yield
    finally:
        random.setstate(states[0])
        torch.set_rng_state(states[1])
        if numpy and states[2]:
            numpy.random.set_state(states[2])
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
        if mps is not None:
            torch.mps.set_rng_state(mps)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run with every generator set to ``seed``; afterwards they are as they were before."""
    with kept_rng():
        random.seed(seed)
        torch.manual_seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed % 2**32)
        yield
