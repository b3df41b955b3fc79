"""Does it fit? What a network needs in memory, reckoned for number types and optimizers it was not run with.

Counted are the weights, their gradients, the state of the optimizer, and what the forward run keeps for
the backward run; for inference the weights and the most that the forward run holds at once. Not counted
are workspaces of kernels, fragmentation, what the device itself takes, and the inputs of an inference, so
that every figure is an estimate from below. What is kept is taken as proportional to the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.errors import pick

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Summary

GB = 10**9


@dataclass(frozen=True)
class Precision:
    """How many bytes a number takes.

    Attributes
    ----------
    label
        How tables call it.
    weight, gradient, state
        Of a parameter, its gradient, and each number the optimizer keeps for it.
    copy
        Of the second copy of each trained parameter that autocast makes for the backward run.
    activation
        Of a floating-point number between the layers.
    """

    label: str
    weight: int
    gradient: int
    state: int
    copy: int
    activation: int


@dataclass(frozen=True)
class Optimizer:
    """What an optimizer keeps: how many numbers for each trained parameter."""

    label: str
    kept: int


# torch's optimizers keep their state in the type of the parameter.
PRECISIONS = {
    "float64": Precision("fp64", 8, 8, 8, 0, 8),
    "float32": Precision("fp32", 4, 4, 4, 0, 4),
    "mixed": Precision("mixed (autocast)", 4, 4, 4, 2, 2),
    "bfloat16": Precision("bf16", 2, 2, 2, 0, 2),
    "float16": Precision("fp16", 2, 2, 2, 0, 2),
}
OPTIMIZERS = {
    "sgd": Optimizer("SGD", 0),
    "momentum": Optimizer("SGD + momentum", 1),
    "rmsprop": Optimizer("RMSprop", 1),
    "adam": Optimizer("Adam", 2),
    "adamw": Optimizer("AdamW", 2),
}
INFERENCE = "none"
MIXED = "mixed"
HALF = 2  # bytes of a number in 16 bits


def optimizers() -> dict[str, Optimizer]:
    """Return what can be asked for: an optimizer, or none for inference."""
    return {**OPTIMIZERS, INFERENCE: Optimizer("inference", 0)}


@dataclass(frozen=True)
class Fit:
    """What a network needs, in bytes, and whether that much is there.

    Attributes
    ----------
    dtype, optimizer, batch
        What was asked about; the optimizer is ``none`` for inference.
    weights, gradients, state
        Parameters and buffers, gradients of what is trained, and what the optimizer keeps.
    activations
        Kept for the backward run, or held at once in inference; None if not measured.
    available
        The memory asked about; None if none was.
    """

    dtype: str
    optimizer: str
    batch: int
    weights: int
    gradients: int
    state: int
    activations: int | None
    available: int | None = None

    @property
    def fixed(self) -> int:
        """What does not grow with the batch."""
        return self.weights + self.gradients + self.state

    @property
    def bytes(self) -> int | None:
        """The sum; None if the activations were not measured."""
        return None if self.activations is None else self.fixed + self.activations

    @property
    def fits(self) -> bool | None:
        """Whether that is there; None if it cannot be told."""
        if self.available is None:
            return None
        if self.fixed > self.available:
            return False
        return None if self.bytes is None else self.bytes <= self.available

    @property
    def largest_batch(self) -> int | None:
        """The most samples that fit, 0 if not one does; None if it cannot be told."""
        if self.available is None or (not self.activations and self.fixed <= self.available):
            return None
        room = self.available - self.fixed
        return max(0, room * self.batch // (self.activations or 1))


def fit(summary: Summary, available: int | None, batch: int, dtype: str, optimizer: str) -> Fit:
    """Return what the network needs.

    Raises
    ------
    NNArchError
        No such number type or optimizer is known.
    """
    to, kept = pick(dtype, PRECISIONS, "number type"), pick(optimizer, optimizers(), "optimizer").kept
    trained = summary.trainable if optimizer != INFERENCE else 0
    return Fit(
        dtype=dtype,
        optimizer=optimizer,
        batch=batch,
        weights=weights(summary, dtype) + trained * to.copy,
        gradients=trained * to.gradient,
        state=trained * to.state * kept,
        activations=activations(summary, to, batch, optimizer == INFERENCE),
        available=available,
    )


def weights(summary: Summary, dtype: str) -> int:
    """Return the bytes of parameters and buffers, as they are where the type is their own."""
    if summary.dtypes == (dtype,) or not summary.dtypes:
        return summary.weights_bytes
    return summary.params * PRECISIONS[dtype].weight + summary.buffers_bytes


def activations(summary: Summary, to: Precision, batch: int, inference: bool) -> int | None:
    """Return what lies between the layers: floating-point numbers in their new size, others as they are."""
    kept = summary.kept
    whole = summary.peak_activation_bytes if inference else kept.bytes
    if whole is None:
        return None
    floating = whole if inference else kept.float_bytes or 0
    own = PRECISIONS[summary.dtype].activation
    here = whole - floating + floating * to.activation // own
    if to.activation == HALF and not inference and kept.half_bytes is not None:
        here = kept.half_bytes
    return -(-here * batch // summary.batch)
