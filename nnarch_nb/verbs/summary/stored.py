"""The number types of a network's parameters: what each takes in memory depends on its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.core.options import type_name

if TYPE_CHECKING:
    from torch import nn

    from nnarch_nb.core.trace import Trace


@dataclass(frozen=True)
class Stored:
    """The parameters of one number type.

    Attributes
    ----------
    dtype, size
        The type, and the bytes that one number takes.
    numbers, trainable
        How many there are, and how many of them are trained.
    """

    dtype: str
    size: int
    numbers: int
    trainable: int

    @property
    def is_floating(self) -> bool:
        """Whether a cast to another floating-point type changes them; complex numbers stay as they are."""
        return "float" in self.dtype


def stored(network: nn.Module, run: Trace, cast: str | None) -> tuple[Stored, ...]:
    """Return the parameters by type, as they are when floating-point numbers are looked at in another.

    Parameters
    ----------
    network, run
        The network, and its trace: what lazy parameters would hold is known from there alone.
    cast
        The type that floating-point numbers are looked at in; None for their own.
    """
    import torch
    from torch.nn.parameter import is_lazy

    found: dict[torch.dtype, list[int]] = {}
    own = list(network.parameters())
    for parameter in own:
        to = getattr(torch, cast) if cast and parameter.is_floating_point() else parameter.dtype
        many = 0 if is_lazy(parameter) else parameter.numel()
        counts = found.setdefault(to, [0, 0])
        counts[0] += many
        counts[1] += many * parameter.requires_grad
    lazy = next((parameter.dtype for parameter in own if is_lazy(parameter)), None)
    if lazy is not None:
        found[lazy][0] += run.params - sum(numbers for numbers, _ in found.values())
        found[lazy][1] += run.trainable - sum(trainable for _, trainable in found.values())
    return tuple(Stored(type_name(dtype), dtype.itemsize, *counts) for dtype, counts in found.items())


def floating_types(types: Iterable[Stored]) -> list[Stored]:
    return [each for each in types if each.is_floating]
