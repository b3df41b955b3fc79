"""What fits, in words and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.verbs.summary.memory import (
    ALL,
    INFERENCE,
    MIXED,
    OPTIMIZERS,
    OWN,
    Fit,
    optimizers,
)
from nnarch_nb.views import numbers
from nnarch_nb.views.result import Figure

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Summary

SHOWN = ("float32", MIXED, "bfloat16")
ESTIMATE = (
    "Memory is an estimate: weights, gradients, optimizer state and activations, taken as proportional to "
    "the batch; workspaces, fragmentation and what the device itself takes come on top."
)
ESTIMATE_OF_INFERENCE = (
    "Quantized layers are not trained. Memory is an estimate: weights and activations, taken as proportional "
    "to the batch; workspaces, fragmentation and what the device itself takes come on top."
)
RECKONED = (
    " What is kept in other types is reckoned from {}; attention on a CPU may keep up to a third more in "
    "16 bits: dtype=bfloat16 measures it."
)


@dataclass(frozen=True)
class Need:
    """One cell: the bytes, the largest batch where memory was named, and whether just this was asked."""

    size: str
    batch: str
    is_asked: bool


@dataclass(frozen=True)
class Row:
    """What one number type needs, by optimizer."""

    label: str
    needs: tuple[Need, ...]


def headings(summary: Summary) -> dict[str, str]:
    """Return a heading for each column by an optimizer it stands for: those that keep alike share one.

    What is quantized is not trained.
    """
    if summary.quantized:
        return {INFERENCE: "inference"}
    alike: dict[int, list[str]] = {}
    for name, optimizer in OPTIMIZERS.items():
        alike.setdefault(optimizer.kept, []).append(name)
    return {INFERENCE: "inference"} | {
        names[0]: ", ".join(OPTIMIZERS[name].label for name in names) for names in alike.values()
    }


def table(summary: Summary) -> list[Row]:
    """Return the needs by number type; the network's own is one of them, and the only one if quantized."""
    shown = {OWN} if summary.quantized else {*SHOWN, asked_dtype(summary), summary.dtype}
    names = [name for name in ALL if name in shown]
    return [
        Row(ALL[name].label, tuple(need(summary, name, optimizer) for optimizer in headings(summary)))
        for name in names
    ]


def need(summary: Summary, dtype: str, optimizer: str) -> Need:
    fit = summary.fit(summary.memory_gb, dtype=dtype, optimizer=optimizer)
    asked = answered(summary).optimizer
    alike = optimizers()[asked].kept == optimizers()[optimizer].kept
    trained = (asked == INFERENCE) == (optimizer == INFERENCE)
    named = summary.memory_gb is not None and dtype == asked_dtype(summary)
    return Need(amount(fit), largest(fit), named and alike and trained)


def asked_dtype(summary: Summary) -> str:
    return OWN if summary.quantized else summary.asked_dtype


def answered(summary: Summary) -> Fit:
    """Return what was asked of memory; of a quantized network that is inference, as it is."""
    if summary.quantized:
        return summary.fit(summary.memory_gb, dtype=OWN, optimizer=INFERENCE)
    return summary.fit(summary.memory_gb)


def amount(fit: Fit) -> str:
    return numbers.short(fit.bytes, "B") if fit.bytes is not None else f"≥ {numbers.short(fit.fixed, 'B')}"


def about(fit: Fit) -> str:
    return f"about {amount(fit)}" if fit.bytes is not None else f"more than {numbers.short(fit.fixed, 'B')}"


def largest(fit: Fit) -> str:
    """Return the largest batch; nothing where no memory was named or it cannot be told."""
    if fit.largest_batch is None:
        return ""
    return f"batch ≤ {fit.largest_batch:,}" if fit.largest_batch else "does not fit"


def caption(summary: Summary) -> str:
    asked = f"; the largest batch in {gb(summary)}" if summary.memory_gb is not None else ""
    how = "" if summary.quantized else ", by number type and optimizer"
    return f"Estimated memory at a batch of {summary.batch:,}{how}{asked}"


def estimate(summary: Summary) -> str:
    """Return what kind of figures these are."""
    if summary.quantized:
        return ESTIMATE_OF_INFERENCE
    is_measured = summary.kept.half_bytes is not None or summary.dtype != "float32"
    reckoned = summary.kept.bytes is not None and not is_measured
    return ESTIMATE + (RECKONED.format(ALL[summary.dtype].label) if reckoned else "")


def gb(summary: Summary) -> str:
    return f"{summary.memory_gb:g} GB"


def answer(summary: Summary) -> str:
    """Return whether it fits, in one line; nothing where that was not asked."""
    if summary.memory_gb is None:
        return ""
    fit = answered(summary)
    verdict = {True: "Fits", False: "Does not fit", None: "It cannot be told whether it fits"}[fit.fits]
    most = f"; the largest batch is {fit.largest_batch:,}" if fit.largest_batch else ""
    return f"{verdict} {gb(summary)}: {what(fit)} needs {about(fit)} at a batch of {fit.batch:,}{most}."


def what(fit: Fit) -> str:
    label = ALL[fit.dtype].label
    if fit.optimizer == INFERENCE:
        return f"inference in {label}"
    return f"training in {label} with {optimizers()[fit.optimizer].label}"


def figures(summary: Summary) -> list[Figure]:
    """Return what the strip says of memory: kept for backward, and the answer where one was asked for."""
    kept = None if summary.quantized else summary.kept.bytes
    peak = summary.peak_activation_bytes
    found = []
    if kept is not None:
        found.append(Figure(numbers.short(kept, "B"), "kept for backward"))
    elif peak is not None:
        found.append(Figure(numbers.short(peak, "B"), "activations at most"))
    return [*found, *asked(summary)]


def asked(summary: Summary) -> list[Figure]:
    if summary.memory_gb is None:
        return []
    fit = answered(summary)
    how = f"{ALL[fit.dtype].label}, {optimizers()[fit.optimizer].label}"
    if fit.largest_batch:
        return [Figure(f"batch {fit.largest_batch:,}", f"fits {gb(summary)}: {how}")]
    verdict = "does not fit" if fit.fits is False or fit.largest_batch == 0 else numbers.NOT_MEASURED
    return [Figure(verdict, f"{gb(summary)}: {how}")]
