"""Why the network has that size: its shape, its weights against the data, and what training takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views import numbers
from nnarch_nb.views.advise.figures import capital

if TYPE_CHECKING:
    from nnarch_nb.verbs.advise import Advice, Budget, Option

BUDGET_SOURCE = "C. Zhang et al., ICLR 2017, theorem 1; M. Belkin et al., PNAS 116, 2019."
OVER = (
    "more than the rule of thumb allows, no more weights than numbers, and yet the smallest of its ladder; "
    "early stopping and dropout matter"
)


def shape(option: Option) -> str:
    return f"{capital(option.shape_reason)}." if option.shape_reason else ""


def budget(advice: Advice) -> str:
    """Return the rule of thumb on this data, with its limits."""
    found = advice.budget
    kept = f"{counted(found)} against {found.numbers:,} numbers in {found.samples:,} training samples: " + (
        "within the rule of thumb, no more weights than numbers" if found.within else OVER
    )
    return (
        f"{kept}. It is no law: {found.memorise:,} weights can already learn these samples by heart, and "
        f"larger networks often generalise all the same.{needs(advice)}"
    )


def counted(found: Budget) -> str:
    """Return the weights that the rule counts, and those that it leaves out."""
    if not found.tables:
        return f"{found.params:,} weights"
    return (
        f"{found.params - found.tables:,} weights, {found.tables:,} in the tables of tokens left out, of "
        f"which each text touches few rows,"
    )


def needs(advice: Advice) -> str:
    """Return what training takes, where it could be traced."""
    first = advice.options[0]
    if first.memory_bytes is None:
        return ""
    macs = "" if first.macs is None else f", {numbers.short(first.macs)} MACs a sample"
    memory = numbers.short(first.memory_bytes, "B")
    return f" Training takes about {memory} in batches of 64 with Adam{macs}."
