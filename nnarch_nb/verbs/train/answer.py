"""Is this an answer to learn from? Judged by its shape, its padding and the last step that made it."""

from __future__ import annotations

import re

from torch import Tensor, nn
from torch.autograd.graph import Node

from nnarch_nb.core.data import Data
from nnarch_nb.core.network import name_of
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train.objective import (
    Binary,
    Classification,
    MultiLabel,
    NextToken,
    Objective,
    Segmentation,
)

# What passes on the values it is given in another shape or number type, by the name of its gradient.
PASSING = ("View", "UnsafeView", "ReshapeAlias", "Squeeze", "Select", "Clone", "ToCopy")
# By the kind of data: what an answer of another shape most likely lacks.
ENDINGS = {
    "next-token": ", an answer for every step: take no Last() or pooling over the steps",
    "segmentation": ", an answer for every pixel",
    "reconstruction": ", an answer of the sample's own shape",
}
# What a loss does itself, so that a network that ends in it would do it twice, and what training takes.
SCORES = ("Softmax", "the scores before it")
DOUBLED = {
    Binary: ("Sigmoid", "the logit of the second class"),
    MultiLabel: ("Sigmoid", "the logit of each label"),
    Classification: SCORES,
    NextToken: SCORES,
    Segmentation: SCORES,
}
CHECK = "run %nnarch check model data to see where"


def numbers_of(output: Tensor) -> int:
    """Return the numbers a sample in ``(n, numbers)`` or ``(n,)``; 0 for any other shape."""
    return {1: 1, 2: output.shape[-1]}[output.dim()] if output.dim() in (1, 2) else 0


def require_outputs(model: nn.Module, data: Data, output: Tensor, objective: Objective, n: int) -> None:
    shape, wanted = tuple(output.shape), objective.shape(data)
    if shape == (n, *wanted) or (wanted == (1,) and shape == (n,)):
        return
    if len(shape) == 2 and shape[0] == n and len(wanted) == 1:
        raise NNArchError(
            f"{name_of(model)} returns {count(shape[1], 'number')} a sample but {data.name} has "
            f"{count(data.outputs, objective.noun)}; {ending(data, shape[1])}"
        )
    raise NNArchError(
        f"{name_of(model)} returns the shape {shape} for {n} samples; "
        f"training needs {(n, *wanted)}{ENDINGS.get(data.kind, '')}; {CHECK}"
    )


def require_padding(model: nn.Module, data: Data, output: Tensor, x: Tensor) -> None:
    """Raise if the padding of short series makes the answer NaN."""
    if data.form != "series" or not x.isnan().any():
        return
    if output.isnan().any():
        raise NNArchError(
            f"{name_of(model)} answers NaN: the series of {data.name} differ in length, and the steps after "
            "their end are NaN. Begin with Masking(), which hands on which steps are real"
        )


def require_scores(model: nn.Module, output: Tensor, objective: Objective) -> None:
    """Raise if the network ends in what the loss does once more."""
    step, cure = DOUBLED.get(type(objective), ("", ""))
    if step and last_step(output) == step:
        raise NNArchError(f"{name_of(model)} ends in a {step.lower()}: leave it out, training takes {cure}")


def last_step(output: Tensor) -> str:
    """Return what made the values, be it a module or a function, by the name of its gradient."""
    node = output.grad_fn
    while node is not None and kind_of(node) in PASSING:
        node = node.next_functions[0][0]
    return kind_of(node) if node is not None else ""


def kind_of(node: Node) -> str:
    return re.sub(r"Backward\d*$", "", node.name())


def ending(data: Data, outputs: int) -> str:
    """Say how the network should end, or that the targets look like classes given as floats."""
    y = data.train.y
    if data.kind == "regression" and data.outputs == 1 < outputs and bool(is_class(y, outputs).all()):
        values = "0 and 1" if outputs == 2 else f"0 to {y.max():g}"
        return f"y holds floats {values}: give y.long() for classes"
    return f"end with Linear(…, {data.outputs})"


def is_class(y: Tensor, classes: int) -> Tensor:
    return (y >= 0) & (y < classes) & (y == y.round())


def count(n: int, what: str) -> str:
    plural = {"class": "classes"}.get(what, f"{what}s")
    return f"{n} {what if n == 1 else plural}"
