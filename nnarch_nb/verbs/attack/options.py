"""The options of ``attack``, refused where they make no sense."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.attack.attacks import ATTACKS


@dataclass(frozen=True)
class Options:
    """The options of ``attack``, as its docstring describes them."""

    eps: float | None
    bounds: tuple[float, float] | None
    attacks: list[str] | None
    n: int
    steps: int
    batch_size: int
    seed: int
    device: str

    def __post_init__(self) -> None:
        for name in self.names:
            pick(name, ATTACKS, "attack")
        for name, value in (("n", self.n), ("steps", self.steps), ("batch_size", self.batch_size)):
            if value < 1:
                raise NNArchError(f"{name} must be at least 1, not {value}")
        if self.eps is not None and not 0 <= self.eps < math.inf:
            raise NNArchError(f"eps must be a finite number of at least 0, not {self.eps}")
        if self.attacks is not None and not self.names:
            raise NNArchError(
                f"no attack is asked for: leave attacks out, or name some of {', '.join(ATTACKS)}"
            )

    @property
    def names(self) -> list[str]:
        asked = [self.attacks] if isinstance(self.attacks, str) else self.attacks
        return list(ATTACKS if asked is None else dict.fromkeys(asked))
