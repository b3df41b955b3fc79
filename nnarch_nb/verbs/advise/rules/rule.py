"""A rule: whom it speaks of, when, how strongly, why, and where that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nnarch_nb.verbs.advise.facts import Facts
from nnarch_nb.verbs.advise.parts import Reason

FEW = 10_000  # samples: below it what a network has to learn first weighs most
MANY = 1_000_000  # images or texts: from about here transformers do without pretraining
LONG = 200  # steps
SHORT = 20

IMAGE, SERIES, TOKENS, TABLE = ("image",), ("series",), ("tokens",), ("table",)
NEXT = ("next-token",)
ONE_ANSWER = ("classification", "regression", "multi-label")


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
