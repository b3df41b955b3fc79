"""The one table of attacks, weakest first.

An attack is a function ``(victim, batch, steps) -> adversarials`` in a file of its own; the table
names it as text, so that help and Tab import nothing.
"""

from __future__ import annotations

ATTACKS = {
    "fgsm": "nnarch_nb.verbs.attack.fgsm:fgsm",
    "pgd": "nnarch_nb.verbs.attack.pgd:pgd",
}


def attacks() -> dict[str, str]:
    return ATTACKS
