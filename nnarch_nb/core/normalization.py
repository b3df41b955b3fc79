"""The way from raw units to what a network sees, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# A float32 is off by up to 2^-24 of itself, after the subtraction and again after the division; as much
# again is for a mean and deviation that were rounded themselves.
ROUNDING = 2**-22


@dataclass(frozen=True, eq=False)
class Normalization:
    """A shift and scale per channel (images, series) or per column (tables), computed on the training split.

    Attributes
    ----------
    mean, std
        Double tensors that broadcast against one sample: ``(c, 1, 1)`` for images, ``(features,)`` for
        tables, ``(channels,)`` for series. Their values are exact in the number type of the raw data, as
        nothing else leads back.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def apply(self, raw: torch.Tensor) -> torch.Tensor:
        """Return what the network sees for values in raw units."""
        return (raw - self.mean.to(raw)) / self.std.to(raw)

    def undo(self, x: torch.Tensor) -> torch.Tensor:
        """Return the raw values behind what the network sees.

        In double, then rounded once, which mostly finds the very number that was there. What lies as near
        to a whole number as float32 could bring ``x`` is that number: pixels, counts and the zeros of a
        category come back as they were.

        Examples
        --------
        >>> import torch
        >>> pixels, thirds = torch.arange(256.0), torch.tensor([0.1, 0.3], dtype=torch.float64) / 3
        >>> scale = Normalization(thirds[:1], thirds[1:])
        >>> torch.equal(scale.undo(scale.apply(pixels.double()).float()), pixels)
        True
        """
        scaled = x.double() * self.std.to(x.device)
        raw = scaled + self.mean.to(x.device)
        whole = raw.round() + 0.0  # no minus zero
        return whole.where((raw - whole).abs() <= ROUNDING * scaled.abs(), raw).to(x.dtype)
