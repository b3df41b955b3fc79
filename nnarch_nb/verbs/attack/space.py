"""Where an adversarial may lie: within eps of its original and within the bounds, in raw units.

Images share one unit, the pixel. A table's named columns each have their own (years, centimetres): the
same eps in raw units is much for one and nothing for another, so eps may be a share of each column's
range in training instead, and is where none is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.core.options import type_name
from nnarch_nb.errors import NNArchError, shorten

if TYPE_CHECKING:
    from nnarch_nb.verbs.attack.options import Options

SHARES = (0.25, 0.5, 1.0)  # of eps, that are measured
DEFAULT_SHARE = 0.1  # of the range, where no eps is given
ROUNDING = 1e-5  # of the range: normalization and back
SUSPICIOUS = 0.002  # of the range: an eps below was likely meant for another scale
NARROW = 0.05  # of bounds that were given: data that spans less is likely in another unit
NAMED = 4  # columns, in a note


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
    relative
        Whether eps is a share of the range, rather than raw.
    seen
        The smallest and largest raw value of the samples, where bounds were given beside them.
    """

    low: torch.Tensor
    high: torch.Tensor
    scale: torch.Tensor
    unit: str
    relative: bool = False
    seen: tuple[float, float] | None = None
    norm: str = "linf"

    @property
    def bounds(self) -> tuple[float, float]:
        return float(self.low.min()), float(self.high.max())

    @property
    def default_eps(self) -> float:
        return DEFAULT_SHARE * (1.0 if self.relative else float((self.high - self.low).max()))

    def sizes(self, eps: float) -> list[float]:
        """Return the eps to measure, from the smallest."""
        return [share * eps for share in SHARES] if eps else [0.0]

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


def space(data: Data, raw: torch.Tensor, options: Options) -> Space:
    """Return the space around ``raw`` samples of ``data``.

    Raises
    ------
    NNArchError
        Samples lie outside the bounds that were given.
    """
    named = bool(data.features) and len(data.shape) == 1
    columns = options.bounds is None and (named or data.form == "series")
    part = "channel" if data.form == "series" else "column"
    relative = options.unit == "range" or (options.unit is None and columns and options.eps is None)
    low, high, unit = (
        limits_of_columns(data, raw, part) if columns else limits_of_all(data, raw, options.bounds)
    )
    if relative:
        unit = f"of each {part}'s range" if columns else f"of the range {span(float(low), float(high))}"
    scale = high - low if relative else raw.new_tensor(1.0)
    seen = ends(raw) if options.bounds is not None else None
    return Space(low, high, scale, unit, relative, seen)


def limits_of_all(
    data: Data, raw: torch.Tensor, bounds: tuple[float, float] | None
) -> tuple[torch.Tensor, torch.Tensor, str]:
    """Return one lower and one upper bound for every value, and their unit in words."""
    low, high = map(float, data.bounds if bounds is None else bounds)
    if not bool(raw.new_tensor([low, high, high - low]).isfinite().all()):
        kind = type_name(raw.dtype)
        raise NNArchError(
            f"bounds=({low:g}, {high:g}) go beyond what {kind} holds: give the smallest and largest raw "
            "value that can occur"
        )
    least, most = ends(raw)
    slack = ROUNDING * (high - low)
    if least < low - slack or most > high + slack:
        if bounds is not None:
            raise NNArchError(
                f"the samples of {data.name} go from {least:.4g} to {most:.4g} in raw units but the bounds "
                f"are ({low:g}, {high:g}): give bounds=({min(low, least):.4g}, {max(high, most):.4g})"
            )
        # The bounds of data from memory are what training showed; held-out samples may lie beyond.
        low, high = min(low, least), max(high, most)
    unit = f"{'pixels' if len(data.shape) == 3 else 'raw units'} {span(low, high)}"
    return raw.new_tensor(low), raw.new_tensor(high), unit


def span(low: float, high: float) -> str:
    """Return both ends in words, with a real minus; a dash beside it would read as a subtraction.

    Examples
    --------
    >>> span(0, 255), span(-1.5, 2)
    ('0–255', '−1.5 to 2')
    """
    return f"{low:.4g}{'–' if low >= 0 else ' to '}{high:.4g}".replace("-", "−")


def ends(raw: torch.Tensor) -> tuple[float, float]:
    """Return the smallest and largest value; padding is none."""
    real = raw[~raw.isnan()]
    return float(real.min()), float(real.max())


def limits_of_columns(data: Data, raw: torch.Tensor, part: str) -> tuple[torch.Tensor, torch.Tensor, str]:
    """Return the bounds of each column or channel, as training and the samples themselves show them."""
    seen = data.raw(data.train.x) if len(data.train) else raw
    both = [tensor.reshape(-1, tensor.shape[-1]) for tensor in (seen.to(raw), raw)]
    low = torch.stack([rows.nan_to_num(torch.inf).amin(0) for rows in both]).amin(0)
    high = torch.stack([rows.nan_to_num(-torch.inf).amax(0) for rows in both]).amax(0)
    return low, high, f"raw units of each {part}"


def remarks(where: Space, eps: float) -> list[str]:
    """Return warnings where eps or the bounds were likely meant for another scale."""
    spans = (where.high - where.low).flatten() / where.scale
    if where.low.dim() and not where.relative:
        parts = f"{where.unit.rpartition(' ')[2]}s"
        return [
            f"ε = {eps:g} in raw units, of {parts} whose ranges go from {float(spans.min()):.3g} to "
            f"{float(spans.max()):.3g}: unit='range' takes a share of each"
        ]
    return [*doubts_of_bounds(where), *doubts_of_eps(where, eps)]


def doubts_of_bounds(where: Space) -> list[str]:
    (low, high), (least, most) = where.bounds, where.seen or where.bounds
    if most - least >= NARROW * (high - low):
        return []
    return [
        f"the samples span only {span(least, most)} of the bounds {span(low, high)}: eps is probably in "
        "another unit than the data"
    ]


def doubts_of_eps(where: Space, eps: float) -> list[str]:
    low, high = where.bounds
    whole = 1.0 if where.relative else high - low
    if eps >= whole:
        return [f"ε = {eps:g} spans the whole range: every value is within reach"]
    if where.relative or not 0 < eps < SUSPICIOUS * whole:
        return []
    share = f"ε = {eps:.3g} is only {eps / whole:.1e} of the range {span(low, high)}"
    return [f"{share}: eps is in raw units, did you mean {eps * whole:.3g}?"]


def discrete(data: Data) -> list[str]:
    """Name the columns to which an adversarial gives values that cannot occur."""
    names = [shorten(column.name, 30) for column in data.columns if column.kind != "number"]
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [
        f"categories, yes/no and whole numbers ({', '.join(names[:NAMED])}{more}) were changed like "
        "continuous values: an adversarial need not be a row that can occur"
    ]
