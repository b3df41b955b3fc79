"""Which family when: rules, each with its reason and its source, a table for each form of data.

A rule that applies adds its weight to the families it names; the family with the most comes first, and of
two alike the one that stands first in ``FAMILIES``, the simpler one. What a family cannot take at all is
not settled here but by the family itself. ``BASELINE`` are the rules that speak for a simple model, before
anything is measured.
"""

from __future__ import annotations

from nnarch_nb.verbs.advise.facts import Facts
from nnarch_nb.verbs.advise.parts import Reason
from nnarch_nb.verbs.advise.rules.images import IMAGES
from nnarch_nb.verbs.advise.rules.rule import Rule as Rule
from nnarch_nb.verbs.advise.rules.series import SERIES_RULES
from nnarch_nb.verbs.advise.rules.simple import BASELINE as BASELINE
from nnarch_nb.verbs.advise.rules.tables import TABLES
from nnarch_nb.verbs.advise.rules.texts import TEXTS

RULES: tuple[Rule, ...] = (*TABLES, *IMAGES, *SERIES_RULES, *TEXTS)


def reasons(family: str, facts: Facts) -> tuple[Reason, ...]:
    """Return what speaks for and against a family on this data, the weightiest first."""
    found = [rule.told(facts) for rule in RULES if family in rule.families and rule.applies(facts)]
    return tuple(sorted(found, key=lambda reason: -abs(reason.weight)))


def for_baseline(facts: Facts) -> tuple[Reason, ...]:
    """Return what speaks for a simple model."""
    return tuple(rule.told(facts) for rule in BASELINE if rule.applies(facts))
