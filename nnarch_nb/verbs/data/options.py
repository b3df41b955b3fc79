"""The options of ``data``, checked together before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

from nnarch_nb.core.options import MOST, is_whole
from nnarch_nb.errors import NNArchError, shorten


@dataclass(frozen=True)
class Options:
    """How samples become a ``Data``.

    Attributes
    ----------
    val, test
        Shares of the samples to hold out.
    normalize
        Whether the network sees shifted and scaled values.
    seed
        Of the shuffling.
    limit
        The most samples to keep; None keeps all.
    target, drop
        Of a table: the column to predict and the columns to leave out.
    keep_numbers
        Whether integer labels are already the network's class numbers.
    """

    val: float = 0.15
    test: float = 0.15
    normalize: bool = True
    seed: int = 0
    limit: int | None = None
    target: str | None = None
    drop: tuple[str, ...] = ()
    keep_numbers: bool = False

    def __post_init__(self) -> None:
        for name in ("val", "test"):
            check_share(name, getattr(self, name))
        if self.val + self.test >= 1:
            raise NNArchError(
                f"val={self.val:g} and test={self.test:g} leave nothing to train on: keep their sum below 1"
            )
        if not isinstance(self.normalize, bool):
            raise NNArchError(f"normalize={shorten(repr(self.normalize))} must be True or False")
        if not is_whole(self.seed) or not 0 <= self.seed <= MOST:
            raise NNArchError(f"seed={shorten(repr(self.seed))} must be a whole number from 0 up")
        if self.limit is not None and (not is_whole(self.limit) or self.limit < 1):
            raise NNArchError(f"limit={shorten(repr(self.limit))} must be a number of samples, 1 or more")


def check_share(name: str, share: Any) -> None:
    number = isinstance(share, Real) and not isinstance(share, bool) and isfinite(share)
    if not number or not 0 <= share < 1:
        raise NNArchError(
            f"{name}={shorten(repr(share))} must be a share of the samples from 0 to below 1, such as 0.15"
        )
