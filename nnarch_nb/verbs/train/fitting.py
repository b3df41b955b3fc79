"""Does this network fit this data? Asked with two samples, before the first epoch is paid for."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.data import Data
from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.network import name_of
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.train.objective import Objective

CHECK = "run %nnarch check model data to see where"


def require_trainable(model: nn.Module) -> None:
    """Raise if there is nothing to train.

    Raises
    ------
    NNArchError
        The network has no parameters, or all of them are frozen.
    """
    parameters = list(model.parameters())
    if not parameters:
        raise NNArchError(f"{name_of(model)} has no parameters, so there is nothing to train")
    if any(p.is_meta for p in parameters):
        raise NNArchError(
            f"{name_of(model)} is on the meta device, without values; build it anew to train it"
        )
    if not any(p.requires_grad for p in parameters):
        raise NNArchError(
            f"all parameters of {name_of(model)} are frozen; "
            "unfreeze those to train with parameter.requires_grad_(True)"
        )


def require_samples(data: Data) -> None:
    if not len(data.train):
        raise NNArchError(f"{data.name} has no training samples; give some, or smaller val and test shares")


def require_fit(model: nn.Module, data: Data, objective: Objective, x: Tensor) -> None:
    """Run one small batch forward and raise if the outputs cannot be learned from.

    Parameters
    ----------
    x
        Samples on the network's device.

    Raises
    ------
    NNArchError
        The forward run fails, or returns something else than one number a class or target.
    """
    if any(is_lazy(p) for p in model.parameters()):
        with torch.no_grad():
            forward(model, x)  # lazy layers learn their sizes, for good
    with untouched(model):
        model.train()
        output = forward(model, x)
    require_outputs(model, data, output, objective, len(x))
    if not isinstance(output, Tensor) or not output.requires_grad:
        raise NNArchError(
            f"no gradient reaches the parameters of {name_of(model)}: "
            "look for detach(), no_grad() or argmax in its forward"
        )


def forward(model: nn.Module, x: Tensor) -> object:
    try:
        return model(x)
    except Exception as error:  # whatever a stranger's forward may raise
        raise NNArchError(explained(model, x, error)) from error


def explained(model: nn.Module, x: Tensor, error: Exception) -> str:
    name, held, given = name_of(model), word(weight_dtype(model)), word(x.dtype)
    if x.dtype.is_floating_point and held != given:
        return f"{name} holds {held} but the data is {given}; use model.to(torch.{given})"
    if "more than 1 value per channel" in str(error):
        return f"{name} normalizes over the batch, which takes 2 samples or more: raise batch_size"
    shape = "×".join(map(str, x.shape[1:]))
    return f"{name} fails on samples of {shape}: {type(error).__name__}: {shorten(error, 160)}; {CHECK}"


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
            f"{count(data.outputs, objective.noun)}; end with Linear(…, {data.outputs})"
        )
    raise NNArchError(
        f"{name_of(model)} returns the shape {shape} for {n} samples; "
        f"training needs ({n}, {data.outputs}); {CHECK}"
    )


def count(n: int, what: str) -> str:
    plural = {"class": "classes"}.get(what, f"{what}s")
    return f"{n} {what if n == 1 else plural}"
