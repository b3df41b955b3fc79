"""Does this network fit this data? Asked with two samples, before the first epoch is paid for."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.data import Data
from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.network import name_of
from nnarch_nb.core.probe import check_weights
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train.failures import answer_of, quoted, shape_of, told
from nnarch_nb.verbs.train.modes import Modes
from nnarch_nb.verbs.train.objective import Objective

CHECK = "run %nnarch check model data to see where"


def require_trainable(model: nn.Module) -> None:
    """Raise if there is nothing to train.

    Raises
    ------
    NNArchError
        The network has no parameters, all of them are frozen, or they can have no gradient.
    """
    parameters = list(model.parameters())
    if not parameters:
        raise NNArchError(f"{name_of(model)} has no parameters, so there is nothing to train")
    if not any(is_lazy(p) for p in parameters):
        check_weights(model)
    if not any(p.requires_grad for p in parameters):
        raise NNArchError(
            f"all parameters of {name_of(model)} are frozen; "
            "unfreeze those to train with parameter.requires_grad_(True)"
        )


def require_samples(data: Data) -> None:
    if not len(data.train):
        raise NNArchError(f"{data.name} has no training samples; give some, or smaller val and test shares")


def require_fit(model: nn.Module, data: Data, objective: Objective, x: Tensor, modes: Modes) -> None:
    """Run one small batch forward and raise if the outputs cannot be learned from.

    Parameters
    ----------
    x
        Samples on the network's device.
    modes
        Puts the network into the mode it will be trained in.

    Raises
    ------
    NNArchError
        The forward run fails, or returns something else than one number a class or target.
    """
    explain = partial(explained, data)
    if any(is_lazy(p) for p in model.parameters()):
        with torch.no_grad(), told(model, x, explain):
            model(x)  # lazy layers learn their sizes, for good
    with untouched(model):
        modes.train()
        with told(model, x, explain):
            output = answer_of(model, x)
    require_outputs(model, data, output, objective, len(x))
    if not isinstance(output, Tensor) or not output.requires_grad:
        raise NNArchError(
            f"no gradient reaches the parameters of {name_of(model)}: "
            "look for detach(), no_grad() or argmax in its forward"
        )


def explained(data: Data, model: nn.Module, x: Tensor, error: Exception) -> str:
    name, held, given = name_of(model), word(weight_dtype(model)), word(x.dtype)
    if x.dtype.is_floating_point and held != given:
        return f"{name} holds {held} but the data is {given}; use model.to(torch.{given})"
    if "more than 1 value per channel" in str(error):
        cure = "raise batch_size" if len(data.train) > 1 else f"{data.name} has 1 to learn from, give more"
        return f"{name} normalizes over the batch, which takes 2 samples or more: {cure}"
    return f"{name} fails on samples of {shape_of(x)}: {quoted(error)}; {CHECK}"


def word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def require_outputs(model: nn.Module, data: Data, output: object, objective: Objective, n: int) -> None:
    if not isinstance(output, Tensor):
        raise NNArchError(
            f"{name_of(model)} returns a {type(output).__name__}; training needs one tensor of shape "
            f"(batch, {data.outputs})"
        )
    shape = tuple(output.shape)
    one_number = data.kind == "regression" and data.outputs == 1 and shape == (n,)
    if shape == (n, data.outputs) or one_number:
        return
    if len(shape) == 2 and shape[0] == n:
        raise NNArchError(
            f"{name_of(model)} returns {count(shape[1], 'number')} a sample but {data.name} has "
            f"{count(data.outputs, objective.noun)}; {ending(data, shape[1])}"
        )
    raise NNArchError(
        f"{name_of(model)} returns the shape {shape} for {n} samples; "
        f"training needs ({n}, {data.outputs}); {CHECK}"
    )


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
