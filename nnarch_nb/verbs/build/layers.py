"""Layers by name: torch.nn's classes, and the input size that each can take from what comes before.

``SIZED`` is the one table: the argument that follows from the input, and the dimension of the input
(batch included) that it is read from.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError, did_you_mean
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
# Not layers in a list: containers, bases, losses, and what makes its sizes another way.
NOT_LAYERS = {
    "Module",
    "Container",
    "Sequential",
    "ModuleList",
    "ModuleDict",
    "ParameterList",
    "ParameterDict",
}
NOT_LAYERS |= {
    "DataParallel",
    "Transformer",
    "TransformerEncoder",
    "TransformerDecoder",
    "RNNBase",
    "RNNCellBase",
}
HIDDEN = {"device", "dtype"}  # where and in what a network lives is not part of its architecture
WIDEST_KERNEL = 11
TORCH_ORDER = "leave the input size out, or write nn.{0} as in torch"


class Last(nn.Module):
    """The last step of a sequence: ``(n, steps, features) -> (n, features)``."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, -1]


@cache
def known_layers() -> dict[str, type[nn.Module]]:
    """Return every layer by name: torch.nn's and this package's."""
    found = {
        name: kind
        for name, kind in vars(nn).items()
        if isinstance(kind, type) and issubclass(kind, nn.Module) and name not in NOT_LAYERS
    }
    layers = {
        n: k for n, k in found.items() if not n.startswith("Lazy") and not n.endswith(("Loss", "Loss2d"))
    }
    return layers | {"Last": Last}


def make(layer: Layer, shape: torch.Size | None) -> nn.Module:
    """Return the layer as a module.

    Parameters
    ----------
    layer
        As written.
    shape
        Of its input, batch included; None where it is not known.

    Raises
    ------
    NNArchError
        The name, an argument or its value is wrong, or the size cannot be inferred.
    """
    kind = class_of(layer)
    arguments = bound(layer, kind, shape)
    try:
        return kind(**arguments)
    except (TypeError, ValueError, RuntimeError, AssertionError, OverflowError, NotImplementedError) as error:
        raise NNArchError(f"{layer.place}: {layer} cannot be made: {error}") from error


def class_of(layer: Layer) -> type[nn.Module]:
    layers = known_layers()
    if layer.name in layers:
        return layers[layer.name]
    if layer.name.removeprefix("Lazy") in SIZED:
        raise NNArchError(
            f"{layer.place}: write {layer.name.removeprefix('Lazy')}: sizes left out are inferred"
        )
    raise NNArchError(f"{layer.place}: no layer is called {layer.name!r}.{did_you_mean(layer.name, layers)}")


def bound(layer: Layer, kind: type[nn.Module], shape: torch.Size | None) -> dict[str, Any]:
    """Return the arguments by name, the inferred one among them."""
    signature = signature_of(kind)
    inferred: dict[str, Any] = {}
    if layer.name in SIZED and not layer.own and SIZED[layer.name][0] not in dict(layer.kwargs):
        inferred = inferred_size(layer, shape)
        refuse_torch_order(layer, next(iter(inferred.values())))
        signature = without(signature, set(inferred))
    try:
        given = signature.bind(*layer.args, **dict(layer.kwargs)).arguments
    except TypeError as error:
        raise NNArchError(f"{layer.place}: {layer}: {error}; it takes {arguments_of(signature)}") from None
    refuse_numbers_for_flags(layer, signature, given)
    if not layer.own and "batch_first" in signature.parameters:
        inferred["batch_first"] = True  # our batches come first, whatever torch's default
    return inferred | given


def signature_of(kind: type[nn.Module]) -> inspect.Signature:
    if issubclass(kind, (nn.RNN, nn.LSTM, nn.GRU)):  # these hide their arguments behind *args
        own = inspect.signature(nn.RNNBase.__init__)
        return without(own, {"self", "mode", "proj_size" if kind is not nn.LSTM else "", *HIDDEN})
    return without(inspect.signature(kind), HIDDEN)


def without(signature: inspect.Signature, names: set[str]) -> inspect.Signature:
    return signature.replace(parameters=[p for p in signature.parameters.values() if p.name not in names])


def arguments_of(signature: inspect.Signature) -> str:
    return ", ".join(signature.parameters) or "no arguments"


def inferred_size(layer: Layer, shape: torch.Size | None) -> dict[str, int]:
    argument, dimension = SIZED[layer.name]
    if shape is None:
        raise NNArchError(
            f"{layer.place}: {layer} takes its {argument} from the input; give input=, such as 1,28,28"
        )
    if len(shape) < 2:
        raise NNArchError(f"{layer.place}: {layer} gets {tuple(shape)}, which has no {argument}")
    return {argument: shape[dimension]}


def refuse_torch_order(layer: Layer, size: int) -> None:
    """Refuse ``Conv2d(1, 32, 3)``: with the input size in front it would be read as a kernel of 32."""
    numbers = [n for n in layer.args[:2] if type(n) is int]
    if len(numbers) == 2 and numbers[0] == size and numbers[1] > WIDEST_KERNEL:
        raise NNArchError(f"{layer.place}: {TORCH_ORDER.format(layer)}")


def refuse_numbers_for_flags(layer: Layer, signature: inspect.Signature, given: dict[str, Any]) -> None:
    for name, value in given.items():
        default = signature.parameters[name].default
        if isinstance(default, bool) and not isinstance(value, bool):
            raise NNArchError(
                f"{layer.place}: {layer} gives {name}={value!r}, a flag; {TORCH_ORDER.format(layer)}"
            )
