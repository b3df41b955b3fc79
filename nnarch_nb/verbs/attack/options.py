"""The options of ``attack``, refused where they make no sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.errors import NNArchError, pick, shorten
from nnarch_nb.verbs.attack.attacks import ATTACKS, NUMBERS, TOKENS

UNITS = {"raw": "data units before normalization", "range": "a share of the range"}


@dataclass(frozen=True)
class Options:
    """The options of ``attack``, as its docstring describes them."""

    eps: float | None
    bounds: tuple[float, float] | None
    unit: str | None
    attacks: list[str] | None
    n: int
    steps: int
    batch_size: int
    seed: int
    device: str

    def __post_init__(self) -> None:
        for name in self.names:
            pick(str(name), ATTACKS, "attack")
        if not self.names:
            raise NNArchError(
                f"no attack is asked for: leave attacks out, or name some of {', '.join(ATTACKS)}"
            )
        for name, least in {"n": 1, "steps": 1, "batch_size": 1, "seed": 0}.items():
            require_whole(name, getattr(self, name), least)
        if self.eps is not None:
            require_number("eps", self.eps, 0.0)
        if self.unit is not None:
            pick(str(self.unit), UNITS, "unit")
        if self.bounds is not None:
            self.check_bounds(self.bounds)

    @staticmethod
    def check_bounds(bounds: Any) -> None:
        if not isinstance(bounds, (tuple, list)) or len(bounds) != 2:
            raise NNArchError(f"bounds are two raw values such as (0, 255), not {shorten(repr(bounds))}")
        for value in bounds:
            require_number("each of bounds", value)
        if not bounds[0] < bounds[1]:
            raise NNArchError(f"bounds must be the smaller value, then the larger, not {tuple(bounds)}")

    @property
    def names(self) -> list[str]:
        """The attacks asked for; all where none is."""
        asked = [self.attacks] if isinstance(self.attacks, str) else self.attacks
        return list(ATTACKS if asked is None else dict.fromkeys(asked))

    def names_for(self, tokens: bool) -> list[str]:
        """Return those that can attack tokens, or numbers.

        Raises
        ------
        NNArchError
            One was asked for by name that cannot.
        """
        fitting = TOKENS if tokens else NUMBERS
        wrong = [] if self.attacks is None else [name for name in self.names if name not in fitting]
        if wrong:
            what, other = ("swaps tokens", "numbers") if wrong[0] in TOKENS else ("moves numbers", "tokens")
            raise NNArchError(f"{wrong[0]} {what}; for {other} there are {', '.join(fitting)}")
        return [name for name in self.names if name in fitting]
