"""How a summary was measured, and what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.verbs.summary.memory import MIXED
from nnarch_nb.views import numbers, traced
from nnarch_nb.views.sentence import sentence

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Summary

CONVENTION = "MACs: matmul, convolution, attention, recurrent gates; no bias, no element-wise."
LAZY = "Lazy layers are shown as these inputs would make them; they are still without sizes."


def trust(summary: Summary) -> str:
    parts = [
        traced.how(summary),
        *manner(summary),
        CONVENTION,
        *traced.remarks(summary),
        *between(summary),
        *held(summary),
        *seen(summary),
        *shared(summary),
        *([LAZY] if any(row.lazy for row in summary.rows) else []),
        *([sentence(summary.kept.note)] if summary.kept.note else []),
    ]
    return " ".join([*parts, "The model was not touched."])


def manner(summary: Summary) -> list[str]:
    """Return what was asked of the run beyond the usual."""
    cast = summary.precision if summary.precision != MIXED else None
    return [
        *(["Run as in training."] if summary.training else []),
        *([f"Weights and inputs looked at as {cast}."] if cast else []),
    ]


def between(summary: Summary) -> list[str]:
    counted = [name for name in summary.functions if name not in summary.uncounted]
    if not counted:
        return []
    names = ", ".join(counted[:4]) + (" …" if len(counted) > 4 else "")
    return [f"Functions between layers ({names}) have no row; what they cost is in the totals."]


def held(summary: Summary) -> list[str]:
    """Return the parameters that modules with layers within hold beside them, such as a class token."""
    rows = [row for row in summary.visible if not row.leaf and row.own_params]
    if not rows:
        return []
    paths = [row.path or summary.name for row in rows]
    whose = ", ".join(paths[:3]) + (" …" if len(paths) > 3 else "")
    total = sum(row.own_params for row in rows)
    return [
        f"{numbers.count(total)} parameters of {whose}, beside those of the layers within, "
        "have no row of their own."
    ]


def seen(summary: Summary) -> list[str]:
    """Return how far the network looks around, for one that does."""
    row = summary.widest
    if row is None:
        return []
    size = f"{'at most ' if row.field_at_most else ''}{numbers.shape(row.receptive_field)}"
    return [f"Receptive field up to {row.path or summary.name}: {size} input positions, borders not cut off."]


def shared(summary: Summary) -> list[str]:
    once = sum(row.own_params for row in summary.rows) > summary.params
    return ["Shared weights show in each row and count once in the totals."] if once else []
