"""``gru``: two gates instead of the LSTM's three, fewer weights."""

from __future__ import annotations

from nnarch_nb.verbs.build.families.recurrent import FORMS, KINDS, recurrent
from nnarch_nb.verbs.build.families.wanted import Family, Wanted


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 1,
    dropout: float = 0.2,
    vocab_size: int | None = None,
    bidirectional: bool | None = None,
) -> str:
    """Write ``depth`` layers of ``width`` units; both ways by default where it tells classes."""
    return recurrent("GRU", wanted, width, depth, dropout, bidirectional)


FAMILY = Family(
    "GRU",
    write,
    forms=FORMS,
    kinds=KINDS,
    source="Cho et al. 2014, Learning phrase representations using RNN encoder-decoder, section 2.3",
)
