"""What speaks for and against a family on texts."""

from __future__ import annotations

from nnarch_nb.verbs.advise.rules.rule import MANY, NEXT, ONE_ANSWER, SHORT, TOKENS, Rule

TEXTS: tuple[Rule, ...] = (
    Rule(
        ("transformer",), 4,
        "In texts of {f.steps:,} tokens each one sees each other in one step, however far apart",
        "A. Vaswani et al., 2017, section 4 and table 1", lambda f: f.steps >= SHORT, TOKENS, ONE_ANSWER,
    ),
    Rule(
        ("transformer",), 2,
        "Each token sees each other, though {f.steps:,} a text leave little that is far apart",
        "A. Vaswani et al., 2017, section 4", lambda f: f.steps < SHORT, TOKENS, ONE_ANSWER,
    ),
    Rule(
        ("transformer",), -2,
        "Its cost grows with the square of the length, here up to {f.longest:,} tokens",
        "A. Vaswani et al., 2017, table 1", lambda f: f.longest > 4000, TOKENS,
    ),
    Rule(
        ("gru",), 3,
        "It reads token by token with few weights, which suits short texts and few of them",
        "K. Cho et al., EMNLP 2014, section 2.3", forms=TOKENS, kinds=ONE_ANSWER,
    ),
    Rule(
        ("lstm",), 2,
        "It reads token by token and keeps what it read over long gaps",
        "S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997", forms=TOKENS, kinds=ONE_ANSWER,
    ),
    Rule(
        ("bert",), -2,
        "It is made to be pretrained on billions of words and then fitted to few texts; begun anew on "
        "{f.n:,} it is a large transformer like any other",
        "J. Devlin et al., NAACL 2019, section 3.1", lambda f: f.n < MANY, TOKENS,
    ),
    Rule(
        ("bert",), 5,
        "{f.n:,} texts are enough to train it from nothing",
        "J. Devlin et al., NAACL 2019, section 3.1", lambda f: f.n >= MANY, TOKENS,
    ),
    Rule(
        ("gpt",), 4,
        "Each step is trained to tell the next token from those before it, all steps of a text at once",
        "A. Radford et al., Language models are unsupervised multitask learners, 2019, section 2",
        forms=TOKENS, kinds=NEXT,
    ),
    Rule(
        ("gpt",), -1,
        "{f.numbers:,} tokens are few for a transformer",
        "J. Kaplan et al., Scaling laws for neural language models, 2020, section 4",
        lambda f: f.numbers < 100_000, TOKENS, NEXT,
    ),
    Rule(
        ("lstm",), 3,
        "On small texts a well regularised LSTM is a strong language model",
        "S. Merity, N. Keskar, R. Socher, Regularizing and optimizing LSTM language models, ICLR 2018",
        forms=TOKENS, kinds=NEXT,
    ),
    Rule(
        ("gru",), 2,
        "Like an LSTM with a gate less",
        "J. Chung et al., Empirical evaluation of gated recurrent neural networks, 2014",
        forms=TOKENS, kinds=NEXT,
    ),
)  # fmt: skip
