"""Where an adversarial may lie: within eps of its original and within the bounds, in raw units.

Images share one unit, the pixel. A table's named columns each have their own (years, centimetres), so
one eps in raw units would mean nothing: there eps is a share of each column's range in training.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.errors import NNArchError

DEFAULT_SHARE = 0.1  # of the range, where no eps is given
ROUNDING = 1e-5  # of the range: normalization and back
SUSPICIOUS = 0.002  # of the range: an eps below was likely meant for another scale


@dataclass(frozen=True)
class Space:
    """The raw values an adversarial may take.

    Attributes
    ----------
    low, high
        Bounds that broadcast against one sample.
    scale
        The raw size of one eps, likewise.
    unit
        The same in words.
    """

    low: torch.Tensor
    high: torch.Tensor
    scale: torch.Tensor
    unit: str

    @property
    def bounds(self) -> tuple[float, float]:
        return float(self.low.min()), float(self.high.max())

    @property
    def default_eps(self) -> float:
        return DEFAULT_SHARE * (float(self.high - self.low) if self.shared else 1.0)

    @property
    def shared(self) -> bool:
        """Whether all values have the same unit."""
        return self.scale.dim() == 0

    def radius(self, eps: float) -> torch.Tensor:
        """Return eps in raw units, never more than it by rounding."""
        return rounded(eps * self.scale.double(), self.low.dtype, up=False)

    def limits(self, originals: torch.Tensor, eps: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the smallest and largest adversarial; rounded inward, so that eps holds exactly."""
        reach, exact = self.radius(eps).double(), originals.double()
        low = rounded(torch.maximum(exact - reach, self.low.double()), originals.dtype, up=True)
        high = rounded(torch.minimum(exact + reach, self.high.double()), originals.dtype, up=False)
        return low, high


def rounded(exact: torch.Tensor, dtype: torch.dtype, up: bool) -> torch.Tensor:
    near = exact.to(dtype)
    if up:
        return torch.where(near.double() < exact, near.nextafter(near.new_tensor(torch.inf)), near)
    return torch.where(near.double() > exact, near.nextafter(near.new_tensor(-torch.inf)), near)


def space(data: Data, raw: torch.Tensor, bounds: tuple[float, float] | None) -> Space:
    """Return the space around ``raw`` samples of ``data``.

    Raises
    ------
    NNArchError
        Samples lie outside the bounds that were given.
    """
    if bounds is None and data.features and len(data.shape) == 1:
        return of_columns(data, raw)
    low, high = map(float, data.bounds if bounds is None else bounds)
    least, most = float(raw.min()), float(raw.max())
    slack = ROUNDING * (high - low)
    if least < low - slack or most > high + slack:
        if bounds is not None:
            raise NNArchError(
                f"the samples of {data.name} go from {least:.4g} to {most:.4g} in raw units but the bounds "
                f"are ({low:g}, {high:g}): give bounds=({min(low, least):.4g}, {max(high, most):.4g})"
            )
        # The bounds of data from memory are what training showed; held-out samples may lie beyond.
        low, high = min(low, least), max(high, most)
    unit = f"{'pixels' if len(data.shape) == 3 else 'raw units'} {low:.4g}–{high:.4g}"
    return Space(raw.new_tensor(low), raw.new_tensor(high), raw.new_tensor(1.0), unit)


def of_columns(data: Data, raw: torch.Tensor) -> Space:
    seen = data.raw(data.train.x) if len(data.train) else raw
    low, high = seen.amin(0), seen.amax(0)
    whole = torch.minimum(low, raw.amin(0)), torch.maximum(high, raw.amax(0))
    return Space(*whole, high - low, "of each column's range")


def remarks(where: Space, eps: float) -> list[str]:
    """Return a warning where eps was likely meant for another scale."""
    low, high = where.bounds
    span = high - low if where.shared else 1.0
    if eps >= span:
        return [f"ε = {eps:g} spans the whole range: every value is within reach"]
    if 0 < eps < SUSPICIOUS * span:
        share = f"ε = {eps:.3g} is only {eps / span:.1e} of the range {low:g}–{high:g}"
        return [f"{share}: eps is in raw units, did you mean {eps * span:.3g}?"]
    return []
