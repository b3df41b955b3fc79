"""The tables of attacks, weakest first: those that move numbers, and those that swap tokens.

An attack is a function ``(victim, batch, steps) -> adversarials`` in a file of its own; the table
names it as text, so that help and Tab import nothing.
"""

from __future__ import annotations

NUMBERS = {
    "fgsm": "nnarch_nb.verbs.attack.fgsm:fgsm",
    "pgd": "nnarch_nb.verbs.attack.pgd:pgd",
}
TOKENS = {
    "random-swap": "nnarch_nb.verbs.attack.swaps:random_swap",
    "hotflip": "nnarch_nb.verbs.attack.swaps:hotflip",
}
ATTACKS = {**NUMBERS, **TOKENS}


def attacks() -> dict[str, str]:
    return ATTACKS
