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
    from nnarch_nb.verbs.summary.stored import Stored

GB = 10**9


@dataclass(frozen=True)
class Precision:
    """How many bytes a number takes.

    Attributes
    ----------
    label
        How tables call it.
    weight
        Of a floating-point parameter, and so of its gradient and of each number the optimizer keeps for it,
        which have its type; None where each keeps its own.
    activation
        Of a floating-point number between the layers; None where each keeps its own.
    copy
        Of the second copy of each trained fp32 parameter that autocast makes for the backward run.
    """

    label: str
    weight: int | None
    activation: int | None
    copy: int = 0


@dataclass(frozen=True)
class Optimizer:
    """What an optimizer keeps: how many numbers for each trained parameter."""

    label: str
    kept: int


# torch's optimizers keep their state in the type of the parameter.
PRECISIONS = {
    "float64": Precision("fp64", 8, 8),
    "float32": Precision("fp32", 4, 4),
    "mixed": Precision("mixed (autocast)", None, 2, copy=2),
    "bfloat16": Precision("bf16", 2, 2),
    "float16": Precision("fp16", 2, 2),
}
OWN = "own"  # of a network whose parameters are of several types
ALL = {OWN: Precision("its own types", None, None), **PRECISIONS}
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
COPIED = "float32"  # what autocast makes a copy of in 16 bits


def optimizers() -> dict[str, Optimizer]:
    """Return what can be asked for: an optimizer, or none for inference."""
    return {**OPTIMIZERS, INFERENCE: Optimizer("inference", 0)}


@dataclass(frozen=True)
class Fit:
    """What a network needs, in bytes, and whether that much is there.

    Attributes
    ----------
    dtype, optimizer, batch
        What was asked about; the optimizer is ``none`` for inference, the type ``own`` for a network of
        several, each taken as it is.
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
    to, kept = pick(dtype, ALL, "number type"), pick(optimizer, optimizers(), "optimizer").kept
    trained = [] if optimizer == INFERENCE else summary.stored
    gradients = sum(each.trainable * size_in(each, to) for each in trained)
    copies = sum(each.trainable * to.copy for each in trained if each.dtype == COPIED)
    return Fit(
        dtype=dtype,
        optimizer=optimizer,
        batch=batch,
        weights=weights(summary, to) + copies,
        gradients=gradients,
        state=gradients * kept,
        activations=activations(summary, to, batch, optimizer == INFERENCE),
        available=available,
    )


def size_in(each: Stored, to: Precision) -> int:
    """Return the bytes of one number: complex and whole numbers have no other form."""
    return each.size if to.weight is None or not each.is_floating else to.weight


def weights(summary: Summary, to: Precision) -> int:
    """Return the bytes of parameters and buffers; the buffers stay as they are."""
    return summary.weights_bytes + sum(
        each.numbers * (size_in(each, to) - each.size) for each in summary.stored
    )


def activations(summary: Summary, to: Precision, batch: int, inference: bool) -> int | None:
    """Return what lies between the layers: floating-point numbers in their new size, others as they are."""
    kept = summary.kept
    whole = summary.peak_activation_bytes if inference else kept.bytes
    if whole is None:
        return None
    here = whole
    if to.activation == HALF and not inference and kept.half_bytes is not None:
        here = kept.half_bytes
    elif to.activation is not None:
        floating = kept.float_bytes or 0 if not inference else whole if summary.is_real else 0
        here = whole - floating + floating * to.activation // summary.floating_size
    return -(-here * batch // summary.batch)
