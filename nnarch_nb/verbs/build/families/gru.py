"""``gru``: two gates instead of the LSTM's three, fewer weights."""

from __future__ import annotations

from nnarch_nb.verbs.build.families.recurrent import family

FAMILY = family(
    "GRU",
    source="Cho et al. 2014, Learning phrase representations using RNN encoder-decoder, section 2.3",
)
