"""The arguments of a layer: in torch's own order, or without the size that follows from the input.

Which orders a text fits is told here by names and types alone; which of two is meant, ``readings``
tells. ``SIZED`` is the one table: the argument that follows from the input, and the dimension of the
input (batch included) that it is read from.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.options import MOST
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.language import Layer

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
    """

    given: dict[str, Any]
    problem: str | None = None


def orders(layer: Layer, kind: type[nn.Module], shape: torch.Size | None) -> list[dict[str, Any]]:
    """Return the arguments by name, the inferred one among them, for each order that the text fits.

    The order without the size comes first, torch's own last.
    """
    signature = signature_of(kind)
    if layer.own or layer.name not in SIZED or SIZED[layer.name][0] in dict(layer.kwargs):
        return [meant(layer, reading(layer, signature))]
    return sized(layer, signature, shape)


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


def sized(layer: Layer, signature: inspect.Signature, shape: torch.Size | None) -> list[dict[str, Any]]:
    """Return the orders of a layer whose input size may be left out."""
    name, dimension = SIZED[layer.name]
    size = known_shape(layer, shape)
    without_size, as_torch = reading(layer, without(signature, {name})), reading(layer, signature)
    agrees = not as_torch.problem and fits(as_torch.given[name], size, dimension)
    if as_torch.problem or (without_size.problem is None and not agrees):
        return [{name: size[dimension]} | meant(layer, without_size)]
    if not agrees:
        raise NNArchError(
            f"{layer.place}: {layer} gives {name}={as_torch.given[name]!r} but {tuple(size[1:])} comes "
            f"before it; sizes that follow are left out: {spelled(layer, as_torch.given, signature)}"
        )
    short = [] if without_size.problem else [{name: size[dimension]} | without_size.given]
    return [*short, as_torch.given]


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


def spelled(layer: Layer, given: dict[str, Any], signature: inspect.Signature) -> str:
    """Return the layer without its size, its first argument by place, the others by name: one order only."""
    size = SIZED[layer.name][0]
    first = next(name for name in signature.parameters if name != size)
    args = tuple(value for name, value in given.items() if name == first)
    return str(Layer(layer.name, args, tuple((k, v) for k, v in given.items() if k not in (first, size))))


def reading(layer: Layer, signature: inspect.Signature) -> Reading:
    try:
        given = signature.bind(*layer.args, **dict(layer.kwargs)).arguments
        placed = signature.bind_partial(*layer.args).arguments
    except TypeError as error:
        takes = ", ".join(signature.parameters) or "no arguments"
        return Reading({}, f"{error}; it takes {takes}")
    problems = (misfit(signature.parameters[name], value) for name, value in given.items())
    return Reading(given, next(filter(None, [size_for_eps(placed), *problems]), None))


def meant(layer: Layer, reading: Reading) -> dict[str, Any]:
    if reading.problem:
        raise NNArchError(f"{layer.place}: {layer}: {reading.problem}")
    return reading.given


def misfit(parameter: inspect.Parameter, value: Any) -> str | None:
    """Return what is wrong with a value, as far as torch's annotations tell."""
    wanted = str(parameter.annotation)
    told = f"{parameter.name}={shorten(repr(value))}"
    if isinstance(parameter.default, bool):
        return None if isinstance(value, bool) else f"{told} is a flag; write True or False"
    if "int" not in wanted or "float" in wanted:
        return None
    others = (bool, float) if "str" in wanted else (bool, float, str)
    return f"{told} must be a whole number" if any(isinstance(n, others) for n in each(value)) else None


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
            told = f"{least:,} to {most:,}" if name == "num_layers" else "too large"
            raise NNArchError(f"{layer.place}: {layer.name}: {name}={shorten(value)} is out of range: {told}")


def batch_first(layer: Layer, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the batch first, as it comes here, whatever torch's default."""
    given = given if layer.own else {"batch_first": True} | given
    if given.get("batch_first") is not True:
        raise NNArchError(
            f"{layer.place}: {layer} would read the batch as steps of a sequence; give batch_first=True"
        )
    return given
