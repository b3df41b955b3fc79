"""What the views of a trace say alike: how it was made, and what could not be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.verbs.summary.memory import PRECISIONS
from nnarch_nb.views import numbers

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph
    from nnarch_nb.verbs.summary import Summary


def how(result: Summary | Graph) -> str:
    if result.mode == "fake":
        return "Traced without computing (fake tensors)."
    return f"Run for real, as fake tensors could not: {result.fallback_reason}."


def remarks(result: Summary | Graph) -> list[str]:
    """Return what could not be counted, and how the input was taken where that may surprise."""
    uncounted = [f"Not measured: the MACs of {', '.join(result.uncounted)}."] if result.uncounted else []
    return [*uncounted, *result.notes]


def macs(result: Summary | Graph) -> str:
    """Return the total, a lower bound where some could not be counted."""
    if not result.uncounted:
        return numbers.short(result.macs)
    return f"≥ {numbers.short(result.macs)}" if result.macs else numbers.NOT_MEASURED


def macs_of_what(result: Summary | Graph) -> str:
    return "MACs a sample" if result.per_sample else "MACs for this input"


def weights_of_what(summary: Summary) -> str:
    types = [PRECISIONS[name].label if name in PRECISIONS else name for name in summary.dtypes]
    return ", ".join(["weights", *types]) if len(types) < 3 else "weights, mixed types"
