"""``rnn``: a plain recurrent network, which forgets over some ten steps."""

from __future__ import annotations

from nnarch_nb.verbs.build.families.recurrent import family

FAMILY = family(
    "RNN",
    source="Elman 1990, Finding structure in time",
)
