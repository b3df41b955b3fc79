"""What speaks for and against a family on series."""

from __future__ import annotations

from nnarch_nb.verbs.advise.rules.rule import FEW, LONG, SERIES, SHORT, TOKENS, Rule

SERIES_RULES: tuple[Rule, ...] = (
    Rule(
        ("gru",), 3,
        "Gates carry what matters along {f.steps:,} steps, with three quarters of an LSTM's weights and "
        "mostly as well",
        "J. Chung et al., Empirical evaluation of gated recurrent neural networks, 2014",
        lambda f: f.steps <= 1000, SERIES,
    ),
    Rule(
        ("lstm",), 2,
        "Its cell keeps what it learned over long gaps; one gate more than a GRU",
        "S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997", forms=SERIES,
    ),
    Rule(
        ("lstm",), 2,
        "Over {f.steps:,} steps its cell can also count, which a GRU's cannot, and {f.n:,} samples are "
        "enough to learn it",
        "G. Weiss, Y. Goldberg, E. Yahav, ACL 2018", lambda f: f.steps > LONG and f.n >= FEW, SERIES,
    ),
    Rule(
        ("rnn",), 1,
        "{f.steps:,} steps are few enough for a network without gates, the one with the fewest weights",
        "J. Elman, Finding structure in time, 1990", lambda f: f.steps <= SHORT, SERIES,
    ),
    Rule(
        ("rnn",), -2,
        "Without gates its gradient fades or bursts over {f.steps:,} steps",
        "Y. Bengio, P. Simard, P. Frasconi, IEEE Trans. Neural Networks 5, 1994", lambda f: f.steps > SHORT,
        (*SERIES, *TOKENS),
    ),
    Rule(
        ("transformer",), 4,
        "Each of {f.steps:,} steps sees each other at once, where recurrent networks pass them on one "
        "by one; {f.n:,} samples are enough",
        "A. Vaswani et al., 2017, section 4", lambda f: f.steps > LONG and f.n >= FEW, SERIES,
    ),
    Rule(
        ("transformer",), -1,
        "Order is nothing to attention until it has learned it from the positions: {f.n:,} series of "
        "{f.steps:,} steps are better read in order",
        "A. Zeng et al., Are transformers effective for time series forecasting?, AAAI 2023",
        lambda f: not (f.steps > LONG and f.n >= FEW), SERIES,
    ),
    Rule(
        ("hybrid",), 1,
        "Convolutions find patterns of a few steps, which an LSTM then remembers",
        "T. Sainath et al., Convolutional, long short-term memory, fully connected networks, ICASSP 2015",
        lambda f: f.steps > SHORT, SERIES,
    ),
    Rule(
        ("mlp",), 2,
        "A window of {f.steps:,} steps is a table of lags: one layer over it did better than "
        "transformers on forecasts",
        "A. Zeng et al., Are transformers effective for time series forecasting?, AAAI 2023",
        lambda f: f.forecast, SERIES,
    ),
    Rule(
        ("mlp",), -2,
        "It learns for each step anew what happens there: nothing it knows moves with the time",
        "A. Waibel et al., Phoneme recognition using time-delay neural networks, 1989",
        lambda f: not f.forecast, SERIES,
    ),
)  # fmt: skip
