"""The arguments of a layer: in torch's own order, or without the size that follows from the input.

Whether a text fits a signature is told here by names and types alone; which signature counts, ``readings``
tells. ``SIZED`` is the one table: the argument that follows from the input, and the dimension of the
input (batch included) that it is read from.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.options import MOST
from nnarch_nb.errors import NNArchError, did_you_mean, nearest, shorten
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.language.cure import Cure, told

CHANNELS, FEATURES = 1, -1
SIZED: dict[str, tuple[str, int]] = {
    "Linear": ("in_features", FEATURES),
    **{f"Conv{n}d": ("in_channels", CHANNELS) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": ("in_channels", CHANNELS) for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": ("num_features", CHANNELS) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": ("num_features", CHANNELS) for n in (1, 2, 3)},
    "GroupNorm": ("num_channels", CHANNELS),
    "LayerNorm": ("normalized_shape", FEATURES),
    "RMSNorm": ("normalized_shape", FEATURES),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), ("input_size", FEATURES)),
    "TransformerEncoderLayer": ("d_model", FEATURES),
    **dict.fromkeys(("SelfAttention", "Positions", "Segments", "ClassToken", "Unembed"), ("dim", FEATURES)),
}
# Where and in what a network lives is not part of its architecture.
HIDDEN = {"device", "dtype", "process_group"}
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
NONLINEARITY = inspect.Parameter(
    "nonlinearity", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="tanh", annotation=str
)
MOST_STACKED = 1_000  # recurrent layers in one: torch makes them one by one


@dataclass(frozen=True)
class Reading:
    """One way to read the arguments of a layer.

    Attributes
    ----------
    given
        The arguments by name, in the order of the signature.
    problem
        Why this cannot be meant; None where it can.
    culprit
        The number, among the arguments as written, of the one that the problem is with.
    cures
        What would mend it.
    """

    given: dict[str, Any]
    problem: str | None = None
    culprit: int | None = None
    cures: tuple[Cure, ...] = ()


def checked(layer: Layer, kind: type[nn.Module], given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments as torch gets them; refuse what it could not make or would read as no batch."""
    refuse_out_of_range(layer, given)
    return batch_first(layer, given) if "batch_first" in signature_of(kind).parameters else given


def signature_of(kind: type[nn.Module]) -> inspect.Signature:
    if not issubclass(kind, nn.RNNBase):
        return without(inspect.signature(kind), HIDDEN)
    # These hide their arguments behind *args: RNN takes one more than its base, LSTM alone a projection.
    hidden = {"mode", *HIDDEN} | (set() if kind is nn.LSTM else {"proj_size"})
    signature = without(inspect.signature(nn.RNNBase), hidden)
    first, rest = list(signature.parameters.values())[:3], list(signature.parameters.values())[3:]
    return signature.replace(parameters=[*first, NONLINEARITY, *rest]) if kind is nn.RNN else signature


def without(signature: inspect.Signature, names: set[str]) -> inspect.Signature:
    """Return the signature without the named, the private and the variadic parameters."""
    return signature.replace(
        parameters=[
            p
            for p in signature.parameters.values()
            if p.name not in names and not p.name.startswith("_") and p.kind not in VARIADIC
        ]
    )


def known_shape(layer: Layer, shape: torch.Size | None) -> torch.Size:
    """Return the input's shape; refuse one that the size cannot be read from."""
    argument = SIZED[layer.name][0]
    if shape is None:
        raise NNArchError(
            f"{layer.place}: {layer} takes its {argument} from the input; give input=, such as 1,28,28"
        )
    if len(shape) < 2:
        raise NNArchError(f"{layer.place}: {layer} gets {tuple(shape[1:])}, which has no {argument}")
    return shape


def fits(value: Any, shape: torch.Size, dimension: int) -> bool:
    """Whether a size that was given is the one that follows; layer norms take several at once."""
    if isinstance(value, (tuple, list)):
        return 0 < len(value) < len(shape) and tuple(value) == tuple(shape[-len(value) :])
    return bool(value == shape[dimension])


def reading(layer: Layer, signature: inspect.Signature) -> Reading:
    """Return the arguments by name, or why they do not fit the signature."""
    takes = f"it takes {', '.join(signature.parameters) or 'no arguments'}"
    for number, (name, _) in enumerate(layer.kwargs, len(layer.args)):
        if name not in signature.parameters:
            wrong = f"there is no argument {name!r}.{did_you_mean(name, signature.parameters)}"
            unknown = f"{wrong} {takes[0].upper()}{takes[1:]}"
            return Reading({}, unknown, number, renamed(layer, name, nearest(name, signature.parameters)))
    try:
        given = signature.bind(*layer.args, **dict(layer.kwargs)).arguments
        placed = signature.bind_partial(*layer.args).arguments
    except TypeError as error:
        return Reading({}, f"{error}; {takes}")
    if problem := size_for_eps(placed):
        return Reading(given, problem)
    for name, value in given.items():
        if problem := misfit(signature.parameters[name], value):
            return Reading(given, problem, [*placed, *dict(layer.kwargs)].index(name))
    return Reading(given)


def renamed(layer: Layer, old: str, new: str | None) -> tuple[Cure, ...]:
    """Return the layer with an argument by the name that was nearly written."""
    if new is None:
        return ()
    kwargs = tuple((new if name == old else name, value) for name, value in layer.kwargs)
    return (Cure("instead", (replace(layer, kwargs=kwargs),)),)


def meant(layer: Layer, reading: Reading) -> dict[str, Any]:
    if reading.problem:
        raise told(f"{layer.place_of(reading.culprit)}: {layer}: {reading.problem}", reading.cures)
    return reading.given


def misfit(parameter: inspect.Parameter, value: Any) -> str | None:
    """Return what is wrong with a value, as far as torch's annotations tell."""
    wanted = str(parameter.annotation)
    shown = f"{parameter.name}={shorten(repr(value))}"
    if isinstance(parameter.default, bool):
        return None if isinstance(value, bool) else f"{shown} is a flag; write True or False"
    if "int" not in wanted or "float" in wanted or (value is None and parameter.default is None):
        return None
    numbers = (value,) if parameter.annotation in (int, "int") else each(value)
    fine = all(isinstance(n, int) and not isinstance(n, bool) for n in numbers)
    return None if fine or ("str" in wanted and isinstance(value, str)) else f"{shown} must be a whole number"


def size_for_eps(placed: dict[str, Any]) -> str | None:
    """Refuse ``BatchNorm2d(8)`` as an eps of 8: by place a whole number or a list is a size."""
    if "eps" not in placed or isinstance(placed["eps"], float | None):
        return None
    return f"eps={shorten(repr(placed['eps']))} must be a small number such as 1e-5"


def each(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def refuse_out_of_range(layer: Layer, given: dict[str, Any]) -> None:
    for name, value in given.items():
        least, most = (1, MOST_STACKED) if name == "num_layers" else (-MOST, MOST)
        if any(isinstance(n, int) and not least <= n <= most for n in each(value)):
            limits = f"{least:,} to {most:,}" if name == "num_layers" else "too large"
            raise NNArchError(
                f"{layer.place}: {layer.name}: {name}={shorten(value)} is out of range: {limits}"
            )


def batch_first(layer: Layer, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the batch first, as it comes here, whatever torch's default."""
    given = given if layer.own else {"batch_first": True} | given
    if given.get("batch_first") is not True:
        raise NNArchError(
            f"{layer.place}: {layer} would read the batch as steps of a sequence; give batch_first=True"
        )
    return given
