"""``lstm``: a memory of its own, guarded by three gates."""

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
    return recurrent("LSTM", wanted, width, depth, dropout, bidirectional)


FAMILY = Family(
    "LSTM",
    write,
    forms=FORMS,
    kinds=KINDS,
    source="Hochreiter & Schmidhuber 1997, Long short-term memory; with the forget gate of Gers et al. 2000",
)
