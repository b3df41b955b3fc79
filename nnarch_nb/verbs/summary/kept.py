"""What a training forward keeps for backward, in the types asked about, and what weights take when cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from nnarch_nb.core.inputs import Call

HALF = "bfloat16"


@dataclass(frozen=True)
class KeptMemory:
    """What is kept for backward.

    Attributes
    ----------
    bytes, float_bytes
        All of it, and what holds floating-point numbers; None if not measured.
    half_bytes
        All of it in 16 bits, where that was measured too.
    by_path
        The same by the module that was running; adds up to ``bytes``.
    note
        What a reader must know, such as why it was not measured.
    """

    bytes: int | None = None
    float_bytes: int | None = None
    half_bytes: int | None = None
    by_path: tuple[tuple[str, int], ...] = ()
    note: str = ""

    def below(self, paths: Iterable[str]) -> dict[str, int]:
        """Return what each module and those within it keep; nothing if it was not measured."""
        if self.bytes is None:
            return {}
        sums = dict.fromkeys(paths, 0)
        for path, size in self.by_path:
            while True:
                sums[path] = sums.get(path, 0) + size
                if not path:
                    break
                path = path.rpartition(".")[0]
        return sums


def measured(network: nn.Module, call: Call, dtype: str | None, also: bool = False) -> KeptMemory:
    """Return what is kept in the type given, and in 16 bits where asked."""
    from nnarch_nb.core.trace.memory import kept_for_backward

    own = kept_for_backward(network, call, dtype)
    half = kept_for_backward(network, call, HALF).bytes if also else None
    return KeptMemory(own.bytes, own.float_bytes, half, tuple(own.by_path.items()), own.note)


def buffers_bytes(network: nn.Module, dtype: str | None) -> int:
    import torch
    from torch.nn.parameter import is_lazy

    cast = getattr(torch, dtype).itemsize if dtype else 0
    buffers = [buffer for buffer in network.buffers() if not is_lazy(buffer)]
    return sum(
        buffer.numel() * (cast if cast and buffer.is_floating_point() else buffer.element_size())
        for buffer in buffers
    )
