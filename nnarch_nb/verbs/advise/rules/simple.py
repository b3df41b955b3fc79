"""What speaks for a simple model, before anything is measured."""

from __future__ import annotations

from nnarch_nb.verbs.advise.rules.rule import FEW, ONE_ANSWER, TABLE, TOKENS, Rule

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
