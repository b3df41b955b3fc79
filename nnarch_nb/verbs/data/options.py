"""The options of ``data``, checked together before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

from nnarch_nb.core.options import MOST, is_whole, require_whole
from nnarch_nb.core.vocabulary import Level
from nnarch_nb.errors import NNArchError, shorten

LEVELS = ("word", "char")
# Options of some sources only, with the least that a number may be.
SOME = {"text": None, "level": None, "max_len": 1, "vocab_size": 3, "window": 1, "horizon": 1, "size": 1}


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
    targets, drop
        Of a table: the columns to predict and the columns to leave out.
    keep_numbers
        Whether integer labels are already the network's class numbers.
    text, level, max_len, vocab_size
        The column with text, what a token is, the most tokens of a text, the most entries of the vocabulary.
    window, horizon
        How many steps a window has, and how many steps after it are forecast.
    size
        The sides of images, which are resized to it.
    """

    val: float = 0.15
    test: float = 0.15
    normalize: bool = True
    seed: int = 0
    limit: int | None = None
    targets: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep_numbers: bool = False
    text: str | None = None
    level: Level = "word"
    max_len: int | None = None
    vocab_size: int | None = None
    window: int | None = None
    horizon: int | None = None
    size: int | None = None

    @property
    def target(self) -> str | None:
        """The first column to predict."""
        return self.targets[0] if self.targets else None

    @property
    def given(self) -> list[str]:
        """The options that only some sources take, where they were given."""
        names = {"targets": "target", "drop": "drop", **{name: name for name in SOME}}
        return [word for name, word in names.items() if getattr(self, name) != getattr(Options, name)]

    def require_only(self, takes: tuple[str, ...], what: str) -> None:
        """Refuse an option that means nothing for the source, as it would silently do nothing."""
        for name in self.given:
            if name not in takes:
                known = f", which takes {', '.join(f'{each}=' for each in takes)}" if takes else ""
                raise NNArchError(f"{name}= means nothing for {what}{known}: leave it out")

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
        if self.level not in LEVELS:
            raise NNArchError(f"level={shorten(repr(self.level))} must be 'word' or 'char'")
        for name, least in SOME.items():
            value = getattr(self, name)
            if isinstance(least, int) and value is not None:
                require_whole(name, value, least)


def check_share(name: str, share: Any) -> None:
    number = isinstance(share, Real) and not isinstance(share, bool) and isfinite(share)
    if not number or not 0 <= share < 1:
        raise NNArchError(
            f"{name}={shorten(repr(share))} must be a share of the samples from 0 to below 1, such as 0.15"
        )
