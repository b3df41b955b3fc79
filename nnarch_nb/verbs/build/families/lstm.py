"""``lstm``: a memory of its own, guarded by three gates."""

from __future__ import annotations

from nnarch_nb.verbs.build.families.recurrent import family

FAMILY = family(
    "LSTM",
    source="Hochreiter & Schmidhuber 1997, Long short-term memory; with the forget gate of Gers et al. 2000",
)
