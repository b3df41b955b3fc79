"""How much memory a run's tensors hold at once.

Views share memory, results are let go of at moments only Python knows, and fakes report the sizes of
memory they do not have: so each storage is counted when a kernel makes it, and until it dies.
"""

from __future__ import annotations

import weakref
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor, UntypedStorage
from torch._ops import OpOverload

from nnarch_nb.core.trace.flow import tensors_in

FRESH = {torch.ops.aten.lift_fresh.default}  # said to be a view, and yet the first seen of its memory


class Alive:
    """The storages that kernels have made and that are not yet let go of; none is kept alive.

    Attributes
    ----------
    now, peak
        Their bytes at this moment, and the most there were.
    complete
        Whether all results were of a kind whose memory can be told.
    """

    def __init__(self) -> None:
        self.now = self.peak = 0
        self.complete = True
        self._storages: dict[int, tuple[weakref.ref[UntypedStorage], int]] = {}

    def note(self, kernel: Any, result: Any) -> None:
        """Count what the kernel made; a view is of memory that stands already."""
        if not isinstance(kernel, OpOverload):
            self.complete = False  # an operator of whole functions: what runs within is not seen
        elif not is_view(kernel):
            for tensor in (result,) if isinstance(result, Tensor) else tensors_in(result):
                self._made(tensor)

    def _made(self, tensor: Tensor) -> None:
        storage = storage_in(tensor)
        if storage is None:
            self.complete = False
            return
        key = storage._cdata
        if key not in self._storages:
            size = storage.nbytes()
            self._storages[key] = (weakref.ref(storage, partial(self._died, key)), size)
            self.now += size
            self.peak = max(self.peak, self.now)

    def _died(self, key: int, _: Any) -> None:
        self.now -= self._storages.pop(key)[1]


@lru_cache(4096)
def is_view(kernel: OpOverload) -> bool:
    """Whether all that a kernel returns lies in the memory of its arguments."""
    returns = kernel._schema.returns
    return kernel not in FRESH and all(each.alias_info is not None for each in returns)


def storage_in(tensor: Tensor) -> UntypedStorage | None:
    """Return the memory of a tensor; None for one that has none of its own, such as a sparse one."""
    try:
        return tensor.untyped_storage()
    except (NotImplementedError, RuntimeError):
        return None
