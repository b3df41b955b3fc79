"""What flows from layer to layer while a network is planned: a batch on ``meta`` and where its padding is."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nnarch_nb.verbs.build.layers.batch import BATCH


@dataclass(frozen=True)
class Padded:
    """Samples end before their last step.

    Attributes
    ----------
    steps
        The dimension that the steps are in: 1, or 2 after ``Transpose(1, 2)``.
    zero
        Whether what stands after the end is 0, so that it adds nothing.
    """

    steps: int = 1
    zero: bool = True


@dataclass(frozen=True)
class Flow:
    """What a layer gets.

    Attributes
    ----------
    x
        A batch of ``BATCH`` on ``meta``; None where the input is not known.
    padded
        Where its padding is; None where every step is real or there are no steps.
    first
        Whether it is the network's own input.
    """

    x: torch.Tensor | None
    padded: Padded | None = None
    first: bool = False

    @classmethod
    def of(cls, example: torch.Tensor | None) -> Flow:
        """Return the network's own input."""
        if example is None:
            return cls(None, first=True)
        x = torch.empty(BATCH, *example.shape[1:], dtype=example.dtype, device="meta")
        return cls(x, first=True)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of one sample."""
        return None if self.x is None else tuple(self.x.shape[1:])

    def alike(self, other: Flow) -> bool:
        """Whether a layer cannot tell the two apart."""
        same = self.x is not None and other.x is not None and self.x.dtype == other.x.dtype
        return same and self.shape == other.shape and self.padded == other.padded and not other.first
