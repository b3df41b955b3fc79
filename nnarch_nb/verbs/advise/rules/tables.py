"""What speaks for a family on tables."""

from __future__ import annotations

from nnarch_nb.verbs.advise.rules.rule import TABLE, Rule

TABLES: tuple[Rule, ...] = (
    Rule(
        ("mlp",), 3,
        "The columns of a table have no order or neighbourhood that another family could use: "
        "every unit sees them all",
        "I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, chapter 6", forms=TABLE,
    ),
)  # fmt: skip
