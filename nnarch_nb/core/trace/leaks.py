"""Finds the fakes that outlived a run.

A fake in a cache would be handed to the next real run, which fails on it. What the network and its code
name is put back by the snapshot; a place that they do not name, such as a generator under way, cannot be.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from nnarch_nb.core.trace.flow import tensors_in


class Fakes:
    """The fakes of one run, none of them kept alive."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[Tensor]] = []

    def note(self, value: Any) -> None:
        tensors = (value,) if isinstance(value, Tensor) else tensors_in(value)
        self.made += [weakref.ref(tensor) for tensor in tensors if isinstance(tensor, FakeTensor)]

    def alive(self) -> int:
        """Return how many outlived the run; asked when all else of it is gone."""
        if self._count():
            gc.collect()  # an error a network caught holds the frames it came through
        return self._count()

    def _count(self) -> int:
        return len({id(fake) for fake in (reference() for reference in self.made) if fake is not None})


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nothing look for garbage in cycles: fakes hold no memory worth the search among all modules."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
