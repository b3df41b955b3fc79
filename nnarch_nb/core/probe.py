"""Questions that need gradients: how ``explain`` and ``attack`` look at a network.

A probe asks the network in evaluation mode, with its weights frozen (only the inputs need a gradient,
which halves the backward run), and takes answers of one form: a row of scores per sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.device import device_of, pick_device
from nnarch_nb.core.network import name_of
from nnarch_nb.core.rng import seeded
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.errors import NNArchError, shorten

EVIDENCE = 256  # samples that tell whether one output is always a probability
LOOK = "look for NaN in its weights or in the inputs"
TINY = 1e-38  # the smallest normal float32: the logarithm of a probability stays finite


@contextmanager
def probing(model: nn.Module, device: str = "auto", seed: int = 0) -> Iterator[torch.device]:
    """Hold ``model`` ready for gradients of its inputs, and leave no trace of it.

    Parameters
    ----------
    model
        In evaluation mode and with frozen weights inside the block, bitwise as before after it.
    device
        Where to run; ``auto`` is where the model is.
    seed
        For networks that draw random numbers even in evaluation mode.

    Raises
    ------
    NNArchError
        The network has no weights yet or was made in inference mode, or there is no such device.
    """
    check_weights(model)
    place = device_of(model) if device == "auto" else pick_device(device)
    with ExitStack() as stack:
        stack.enter_context(untouched(model))
        stack.enter_context(seeded(seed))
        stack.enter_context(torch.enable_grad())
        if place.type == "cuda" and any(isinstance(module, nn.RNNBase) for module in model.modules()):
            # cuDNN refuses the backward run of a recurrent layer in evaluation mode.
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        model.eval()
        for parameter in model.parameters():  # one by one: a scripted network has no switch for all
            parameter.requires_grad_(False)
        if place != device_of(model):
            model.to(place)
        yield place


def check_weights(model: nn.Module) -> None:
    """Refuse a network whose weights have no values, or can have no gradient behind them."""
    name = name_of(model)
    for tensor in [*model.parameters(), *model.buffers()]:
        if is_lazy(tensor):
            raise NNArchError(f"{name} has lazy layers without weights: train it, or run it once")
        if tensor.is_meta:
            raise NNArchError(f"{name} is on the meta device, where weights have no values")
        if tensor.is_inference():
            raise NNArchError(
                f"{name} was made in inference mode, which rules out gradients: make it outside"
            )


def scores_of(
    model: nn.Module,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None = None,
    rows: Callable[[torch.Tensor], torch.Tensor] = lambda answer: answer,
) -> torch.Tensor:
    """Return the network's answer as a row of scores per sample, shape ``(n, outputs)``.

    Parameters
    ----------
    args, kwargs
        The arguments of the forward run, which gets copies: its first operation may be in place. An
        answer that carries ``.logits`` stands for them.
    rows
        Makes one row per sample of an answer for every step or pixel.

    Raises
    ------
    NNArchError
        The forward run fails, returns something else, or returns NaN.
    """
    name = name_of(model)
    try:
        answer = model(*map(copied, args), **{key: copied(value) for key, value in (kwargs or {}).items()})
    except Exception as error:  # a user's forward may raise anything
        raise NNArchError(
            f"{name} cannot run on {shapes(args, kwargs)}: {shorten(error, 120)}. `check` finds the layer"
        ) from error
    scores = logits_in(answer)
    if not isinstance(scores, torch.Tensor):
        named = isinstance(answer, Mapping) and "logits" in answer
        cure = "its 'logits' alone" if named else "one tensor of scores"
        raise NNArchError(f"{name} returns a {type(answer).__name__}: make its forward return {cure}")
    if scores.is_complex():
        raise NNArchError(
            f"{name} returns complex numbers: make its forward return real ones, such as .abs()"
        )
    scores = rows(scores[:, None] if scores.dim() == 1 else scores)
    if scores.dim() != 2 or len(scores) != batch_of(args, kwargs) or not scores.shape[1]:
        raise NNArchError(
            f"{name} returns {'×'.join(map(str, scores.shape)) or 'a single number'} for "
            f"{shapes(args, kwargs)}: expected one row of scores per sample"
        )
    if bool(scores.isnan().any()):
        series = [value for value in floats((*args, *(kwargs or {}).values())) if value.dim() == 3]
        padded = any(bool(value.isnan().any()) for value in series)
        cure = "the steps after the end of a series are NaN, begin with Masking()"
        raise NNArchError(f"{name} returns NaN: {cure if padded else LOOK}")
    return scores


def floats(values: tuple[Any, ...]) -> list[torch.Tensor]:
    return [value for value in values if isinstance(value, torch.Tensor) and value.is_floating_point()]


def logits_in(answer: Any) -> Any:
    """Return the logits that an answer carries, as those of many libraries do; else the answer itself."""
    return getattr(answer, "logits", answer)


def copied(value: Any) -> Any:
    return value.clone() if isinstance(value, torch.Tensor) else value


def input_gradients(model: nn.Module, scores: torch.Tensor, inputs: tuple[torch.Tensor, ...]) -> None:
    """Make sure that the scores have a gradient in every input.

    Raises
    ------
    NNArchError
        They have none: something between cannot be differentiated, or an input is not used.
    """
    grads: tuple[torch.Tensor | None, ...] = (None,)
    if scores.requires_grad:
        with going_backward(model):
            grads = torch.autograd.grad(scores.sum(), inputs, allow_unused=True)
    if any(grad is None for grad in grads):
        which = f"input {[g is None for g in grads].index(True) + 1}" if len(inputs) > 1 else "its input"
        raise NNArchError(
            f"the output of {name_of(model)} has no gradient in {which}: look in its forward for "
            "no_grad, detach, argmax, a rounding or an input that is not used" + tokens_hint(model)
        )


def tokens_hint(model: nn.Module) -> str:
    if not any(isinstance(module, nn.Embedding) for module in model.modules()):
        return ""
    return "; tokens for its Embedding are int64 of shape (n, steps)"


@contextmanager
def going_backward(model: nn.Module) -> Iterator[None]:
    """Say in one line why gradients cannot be computed, such as an operation in place that undid a value.

    Raises
    ------
    NNArchError
        PyTorch refuses the backward run.
    """
    try:
        yield
    except RuntimeError as error:
        reason = shorten(str(error).partition(" Hint:")[0].rstrip("."), 180)
        raise NNArchError(
            f"the backward run of {name_of(model)} fails: {reason}. Often its forward has an operation in "
            "place (add_, relu_, +=) on a value that is used again"
        ) from error


def log_probabilities(scores: torch.Tensor) -> torch.Tensor:
    """Return log-probabilities of scores ``(n, classes)``; rows that already are probabilities stay so.

    Examples
    --------
    >>> log_probabilities(torch.tensor([[0.25, 0.75], [2.0, 2.0]])).exp()
    tensor([[0.2500, 0.7500],
            [0.5000, 0.5000]])
    """
    summed = ((scores.sum(1, keepdim=True) - 1).abs() < 1e-4) & (scores >= 0).all(1, keepdim=True)
    return torch.where(summed, scores.clamp_min(TINY).log(), scores.log_softmax(1))


def are_probabilities(outputs: torch.Tensor) -> bool:
    """Tell whether one output ``(n, 1)`` of many samples is a probability: it always lies between 0 and 1."""
    return bool(((outputs >= 0) & (outputs <= 1)).all())


def as_two_classes(outputs: torch.Tensor, probabilities: bool) -> torch.Tensor:
    """Return scores of two classes for one output ``(n, 1)``, which is the second's.

    It is a probability, or a logit as for ``BCEWithLogitsLoss``. A logit is shared out evenly: beside a
    zero it would pass for a probability where it is 1.

    Examples
    --------
    >>> log_probabilities(as_two_classes(torch.tensor([[0.25], [0.5]]), probabilities=True)).exp()
    tensor([[0.7500, 0.2500],
            [0.5000, 0.5000]])
    >>> as_two_classes(torch.tensor([[0.5], [-2.0]]), probabilities=False)
    tensor([[-0.2500,  0.2500],
            [ 1.0000, -1.0000]])
    """
    return torch.cat([1 - outputs, outputs] if probabilities else [-outputs / 2, outputs / 2], 1)


def reading(probabilities: bool, classes: Sequence[str]) -> str:
    """Say how one output is read."""
    unit = "probability" if probabilities else "logit"
    return f"one output is read as the {unit} of the second class, {classes[1]}"


def batch_of(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None) -> int:
    tensors = [v for v in (*args, *(kwargs or {}).values()) if isinstance(v, torch.Tensor)]
    return len(tensors[0]) if tensors and tensors[0].dim() else 0


def shapes(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None) -> str:
    values = (*args, *(kwargs or {}).values())
    return ", ".join("×".join(map(str, v.shape)) for v in values if isinstance(v, torch.Tensor))
