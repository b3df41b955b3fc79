"""Which family when: one table of rules, each with its reason and its source.

A rule that applies adds its weight to the families it names; the family with the most comes first, and of
two alike the one that stands first in ``FAMILIES``, the simpler one. What a family cannot take at all is
not settled here but by the family itself. ``BASELINE`` are the rules that speak for a simple model, before
anything is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nnarch_nb.verbs.advise.facts import Facts
from nnarch_nb.verbs.advise.parts import Reason

FEW = 10_000  # samples: below it what a network has to learn first weighs most
MANY = 1_000_000  # images or texts: from about here transformers do without pretraining
LONG = 200  # steps
SHORT = 20


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    Attributes
    ----------
    families
        Whom it speaks of.
    weight
        Above 0 for them, below 0 against them.
    reason
        A sentence; names in braces stand for the figures of ``Facts``.
    source
        Where that is shown.
    when
        What the data must be like.
    forms, kinds
        Of the data; all where left out.
    """

    families: tuple[str, ...]
    weight: int
    reason: str
    source: str
    when: Callable[[Facts], bool] = field(default=lambda facts: True)
    forms: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def applies(self, facts: Facts) -> bool:
        form, kind = not self.forms or facts.form in self.forms, not self.kinds or facts.kind in self.kinds
        return form and kind and self.when(facts)

    def told(self, facts: Facts) -> Reason:
        return Reason(self.reason.format(f=facts), self.source, self.weight)


IMAGE, SERIES, TOKENS, TABLE = ("image",), ("series",), ("tokens",), ("table",)
NEXT = ("next-token",)
ONE_ANSWER = ("classification", "regression", "multi-label")

RULES: tuple[Rule, ...] = (
    # Tables
    Rule(
        ("mlp",), 3,
        "The columns of a table have no order or neighbourhood that another family could use: "
        "every unit sees them all",
        "I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, chapter 6", forms=TABLE,
    ),
    # Images
    Rule(
        ("cnn",), 3,
        "The same small filter looks at every place, so that few weights learn what neighbouring pixels "
        "show, wherever it is",
        "Y. LeCun et al., Proc. IEEE 86, 1998, section II", forms=IMAGE, kinds=ONE_ANSWER,
    ),
    Rule(
        ("cnn",), -3,
        "It pools once and then flattens: on {f.size} most of its weights would sit in one Linear",
        "M. Lin, Q. Chen, S. Yan, Network in network, 2014, section 3.2", lambda f: f.side > 64, IMAGE,
        ONE_ANSWER,
    ),
    Rule(
        ("resnet",), 2,
        "With more than about 20 layers plain networks got worse even on their training data; shortcuts "
        "mend that",
        "K. He et al., 2015, section 1 and figure 1", forms=IMAGE, kinds=ONE_ANSWER,
    ),
    Rule(
        ("resnet",), 2,
        "{f.n:,} images in colour carry 20 layers and more",
        "K. He et al., 2015, section 4.2 (50,000 photographs of 32×32)",
        lambda f: f.n >= 20_000 and f.channels >= 3, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("resnet",), -1,
        "{f.n:,} images are few for 20 layers: rather begin with pretrained weights",
        "K. He, R. Girshick, P. Dollár, Rethinking ImageNet pre-training, 2019", lambda f: f.n < FEW, IMAGE,
        ONE_ANSWER,
    ),
    Rule(
        ("vit",), -3,
        "It has to learn from the data what a neighbourhood is: trained on fewer than millions of images "
        "it stayed behind networks of convolutions, and here are {f.n:,}. With pretrained weights it "
        "is another matter",
        "A. Dosovitskiy et al., ICLR 2021, section 4.3", lambda f: f.n < MANY, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("vit",), 5,
        "{f.n:,} images are enough to learn from patches alone, and it grows well with more",
        "A. Dosovitskiy et al., ICLR 2021, section 4.3", lambda f: f.n >= MANY, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("hybrid",), 1,
        "Convolutions first let a transformer learn from less data than patches do",
        "A. Hassani et al., Escaping the big data paradigm with compact transformers, 2021", forms=IMAGE,
        kinds=ONE_ANSWER,
    ),
    Rule(
        ("hybrid",), -1,
        "{f.n:,} images are few for attention, which brings no notion of place of its own",
        "A. Dosovitskiy et al., ICLR 2021, section 4.3", lambda f: f.n < FEW, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("mlp",), -2,
        "Flattening forgets which pixels are neighbours: it would learn as well from shuffled ones",
        "Y. LeCun et al., Proc. IEEE 86, 1998, section II", forms=IMAGE,
    ),
    Rule(
        ("mlp",), 3,
        "{f.size} leaves a filter of 3×3 nothing to look around for: so few pixels are a table",
        "our own rule of thumb", lambda f: f.side < 4, IMAGE, ONE_ANSWER,
    ),
    # An answer for each pixel
    Rule(
        ("unet",), 3,
        "It narrows to see far and widens to answer for each pixel, with copies across that keep the "
        "place; 30 images with augmentation were enough",
        "O. Ronneberger, P. Fischer, T. Brox, MICCAI 2015", kinds=("segmentation",),
    ),
    Rule(
        ("autoencoder",), 3,
        "A sample has to pass a narrow code, which must hold what matters of it",
        "G. Hinton, R. Salakhutdinov, Science 313, 2006", kinds=("reconstruction",),
    ),
    Rule(
        ("unet",), -1,
        "Its copies across let a sample by without learning anything of it; it fits where the target is "
        "another picture, such as one without noise",
        "O. Ronneberger, P. Fischer, T. Brox, MICCAI 2015, figure 1", kinds=("reconstruction",),
    ),
    # Series
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
    # Text
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

BASELINE: tuple[Rule, ...] = (
    Rule(
        (), 1,
        "On tables of this size, {f.n:,} rows, gradient boosting is mostly as good as networks or better",
        "L. Grinsztajn, E. Oyallon, G. Varoquaux, NeurIPS 2022, section 4", lambda f: f.n < 50_000, TABLE,
        ONE_ANSWER,
    ),
    Rule(
        (), 1,
        "{f.values:,.0f} numbers a sample are more than the {f.n:,} samples: there a linear model with a "
        "penalty is the first thing to try",
        "T. Hastie, R. Tibshirani, J. Friedman, The elements of statistical learning, 2009, chapter 18",
        lambda f: f.values > f.n, TABLE, ONE_ANSWER,
    ),
    Rule(
        (), 1,
        "{f.n:,} samples leave a network little to find that a model with few weights does not find too",
        "T. Hastie, R. Tibshirani, J. Friedman, The elements of statistical learning, 2009, section 7.3",
        lambda f: f.n < 500, kinds=ONE_ANSWER,
    ),
    Rule(
        (), 1,
        "Which words a text has tells most topics: a linear model of them is hard to beat on {f.n:,} texts",
        "S. Wang, C. Manning, Baselines and bigrams, ACL 2012", lambda f: f.n < FEW, TOKENS,
        ("classification", "multi-label"),
    ),
    Rule(
        (), 1,
        "A linear model of the window did better than transformers on forecasts",
        "A. Zeng et al., Are transformers effective for time series forecasting?, AAAI 2023",
        lambda f: f.forecast,
    ),
)  # fmt: skip


def reasons(family: str, facts: Facts) -> tuple[Reason, ...]:
    """Return what speaks for and against a family on this data, the weightiest first."""
    found = [rule.told(facts) for rule in RULES if family in rule.families and rule.applies(facts)]
    return tuple(sorted(found, key=lambda reason: -abs(reason.weight)))


def for_baseline(facts: Facts) -> tuple[Reason, ...]:
    """Return what speaks for a simple model."""
    return tuple(rule.told(facts) for rule in BASELINE if rule.applies(facts))
