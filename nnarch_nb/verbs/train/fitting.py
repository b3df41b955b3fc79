"""Does this network fit this data? Asked with two samples, before the first epoch is paid for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.data import IGNORED, Data, Split
from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.network import name_of
from nnarch_nb.core.options import type_name
from nnarch_nb.core.probe import check_weights, logits_in
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train.answer import CHECK, numbers_of, require_outputs, require_padding, require_scores
from nnarch_nb.verbs.train.failures import quoted, shape_of, told
from nnarch_nb.verbs.train.modes import Modes
from nnarch_nb.verbs.train.objective import Objective, objective_for


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
    if data.kind not in ("segmentation", "next-token"):
        return
    for name in ("train", "val", "test"):
        y = getattr(data, name).y
        if len(y) and not bool((y != IGNORED).any()):
            raise NNArchError(f"every target of the {name} split is {IGNORED}, which counts for nothing")


def example(split: Split, most: int) -> Tensor:
    """Return a few samples to try a network with, the shortest among them: it has the most padding."""
    rows = list(range(min(most, len(split))))
    if rows and split.form in ("series", "tokens"):
        rows[-1] = int(split.lengths.argmin())
    return split.x[rows].clone()


def fitting_objective(model: nn.Module, data: Data, x: Tensor, modes: Modes) -> Objective:
    """Run one small batch forward and return how its outputs are judged.

    Parameters
    ----------
    x
        Samples on the network's device.
    modes
        Puts the network into the mode it will be trained in.

    Raises
    ------
    NNArchError
        The forward run fails, or returns something that cannot be learned from.
    """
    output = first_answer(model, data, x, modes)
    objective = objective_for(on_device(data, x.device), numbers_of(output))
    require_outputs(model, data, output, objective, len(x))
    require_padding(model, data, output, x)
    if not output.requires_grad:
        raise NNArchError(
            f"no gradient reaches the parameters of {name_of(model)}: "
            "look for detach(), no_grad() or argmax in its forward"
        )
    require_scores(model, output, objective)
    return objective


def first_answer(model: nn.Module, data: Data, x: Tensor, modes: Modes) -> Tensor:
    explain = partial(explained, data)
    if any(is_lazy(p) for p in model.parameters()):
        with torch.no_grad(), told(model, x, explain):
            model(x)  # lazy layers learn their sizes, for good
    with untouched(model):
        modes.train()
        with told(model, x, explain):
            output = logits_in(model(x))
    if isinstance(output, Tensor):
        return output
    inside = isinstance(output, Mapping) and "logits" in output
    cure = "; return its 'logits', or an object with .logits" if inside else ""
    raise NNArchError(
        f"{name_of(model)} returns a {type(output).__name__}; training needs one tensor of shape "
        f"(batch, {data.outputs}){cure}"
    )


def on_device(data: Data, device: torch.device) -> Data:
    """Return the data with the training targets, from which some objectives are made, on the device."""
    return replace(data, train=Split(data.train.x, data.train.y.to(device)))


def explained(data: Data, model: nn.Module, x: Tensor, error: Exception) -> str:
    name, held, given = name_of(model), type_name(weight_dtype(model)), type_name(x.dtype)
    if x.dtype.is_floating_point and held != given:
        return f"{name} holds {held} but the data is {given}; use model.to(torch.{given})"
    if not x.is_floating_point():
        return about_tokens(data, model, x, error)
    if "more than 1 value per channel" in str(error):
        cure = "raise batch_size" if len(data.train) > 1 else f"{data.name} has 1 to learn from, give more"
        return f"{name} normalizes over the batch, which takes 2 samples or more: {cure}"
    return f"{name} fails on samples of {shape_of(x)}: {quoted(error)}; {CHECK}"


def about_tokens(data: Data, model: nn.Module, x: Tensor, error: Exception) -> str:
    """Say why a network cannot take the numbers of words."""
    name, most = name_of(model), int(data.train.x.max()) + 1
    tables = [m for m in model.modules() if isinstance(m, (nn.Embedding, nn.EmbeddingBag))]
    words = len(data.vocabulary) if data.vocabulary else most
    if not tables:
        return f"{name} takes no tokens, and {data.name} is text: begin with Embedding({words}, 64)"
    if tables[0].num_embeddings < most:
        rows = tables[0].num_embeddings
        return f"{name} knows {rows:,} tokens but {data.name} has {words:,}: begin with Embedding({words}, …)"
    return f"{name} fails on samples of {shape_of(x)} tokens: {quoted(error)}; {CHECK}"
