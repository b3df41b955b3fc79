"""Takes back the fakes that outlived a run: a table of positions cached by a function, a hook's log.

A fake in a cache would be handed to the next real run, which fails on it. What belongs to the network is
put back by the snapshot; what a fake was put into elsewhere is found through the garbage collector.
"""

from __future__ import annotations

import functools
import gc
import weakref
from collections import deque
from typing import Any

from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from nnarch_nb.core.trace.flow import tensors_in

CACHE = type(functools.cache(lambda: None))
NESTING = 4  # a cached pair of tables is a tuple in the cache


class Fakes:
    """The fakes of one run, none of them kept alive."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[Tensor]] = []

    def note(self, value: Any) -> None:
        self.made += [weakref.ref(tensor) for tensor in tensors_in(value) if isinstance(tensor, FakeTensor)]

    @property
    def alive(self) -> dict[int, Any]:
        found = (reference() for reference in self.made)
        return {id(fake): fake for fake in found if fake is not None}

    def forget(self) -> None:
        """Remove those still alive from whatever holds them."""
        if self.alive:
            gc.collect()  # an error a network caught holds the frames it came through
        leaked = self.alive
        if leaked:
            remove(leaked, NESTING)


def remove(leaked: dict[int, Any], nesting: int) -> None:
    """Take objects out of their holders; what cannot let go of one is taken out of its own."""
    ours = {id(leaked), *leaked}
    holders = [holder for holder in gc.get_referrers(*leaked.values()) if id(holder) not in ours]
    rigid = {id(holder): holder for holder in holders if isinstance(holder, (tuple, frozenset))}
    for holder in holders:
        release(holder, leaked)
    if rigid and nesting:
        holders.clear()
        remove(rigid, nesting - 1)


def release(holder: Any, leaked: dict[int, Any]) -> None:
    if isinstance(holder, CACHE):
        holder.cache_clear()
    elif isinstance(holder, dict):
        for key in [key for key, value in holder.items() if id(value) in leaked]:
            del holder[key]
    elif isinstance(holder, (list, deque)):
        kept = [item for item in holder if id(item) not in leaked]
        holder.clear()
        holder.extend(kept)
    elif isinstance(holder, set):
        holder -= {item for item in holder if id(item) in leaked}
    else:
        release_attributes(holder, leaked)


def release_attributes(holder: Any, leaked: dict[int, Any]) -> None:
    """Remove the attributes of an object that keeps them in slots, or beside any dict."""
    slots = [name for kind in type(holder).__mro__ for name in getattr(kind, "__slots__", ())]
    for name in {*slots, *getattr(holder, "__dict__", ())}:
        if id(getattr(holder, name, None)) in leaked:
            object.__delattr__(holder, name)
