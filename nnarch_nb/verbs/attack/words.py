"""Where an adversarial text may lie: so many tokens changed, into words that the data knows."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.core.embedding import Lookup
from nnarch_nb.core.options import require_whole
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack.options import Options

MOST = 8.0  # tokens, where no eps is given


@dataclass(frozen=True)
class Words:
    """The texts an adversarial may be.

    Attributes
    ----------
    known
        How many words the data knows; None where it has no vocabulary.
    first
        The first word that is none of the special ones: padding, and what stands for unknown words.
    """

    known: int | None
    first: int
    unit: str = "tokens changed"
    norm: str = "l0"
    default_eps: float = MOST

    @property
    def bounds(self) -> tuple[float, float]:
        return float(self.first), float((self.known or self.first + 1) - 1)

    def sizes(self, eps: float) -> list[float]:
        """Return 1, 2, 4, … up to eps."""
        return sorted({*(float(2**i) for i in range(int(eps).bit_length()) if 2**i < eps), float(int(eps))})

    def radius(self, eps: float) -> torch.Tensor:
        return torch.tensor(int(eps))

    def allowed(self, lookup: Lookup) -> torch.Tensor:
        """Return which rows of the embeddings are words that may be put in."""
        rows = torch.arange(lookup.words)
        known = rows < (self.known or lookup.words)
        return (rows >= self.first) & known & (rows != (lookup.padding or 0))


def words_of(data: Data, options: Options) -> Words:
    """Return the space of texts around those of ``data``.

    Raises
    ------
    NNArchError
        eps is no count, or an option makes sense for numbers alone.
    """
    for name in ("bounds", "unit"):
        if getattr(options, name) is not None:
            raise NNArchError(f"{name} is of numbers: {data.name} is text, and eps is how many tokens change")
    if options.eps is not None:
        require_whole("eps, how many tokens change,", int_of(options.eps), 0)
    known = len(data.vocabulary) if data.vocabulary else None
    return Words(known, data.vocabulary.unknown + 1 if data.vocabulary else 1)


def int_of(eps: float) -> float:
    return int(eps) if float(eps).is_integer() else eps
