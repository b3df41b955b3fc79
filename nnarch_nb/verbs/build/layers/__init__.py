"""Layers by name: torch.nn's classes and this package's, made from what was written."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from torch import nn

from nnarch_nb.errors import NNArchError, did_you_mean, nearest, shorten
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.language.cure import Cure, told
from nnarch_nb.verbs.build.layers.arguments import SIZED, checked
from nnarch_nb.verbs.build.modules import OWN_LAYERS

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
LONGEST_REASON = 200


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
    return layers | OWN_LAYERS


def make(layer: Layer, given: dict[str, Any]) -> nn.Module:
    """Return the layer as a module.

    Parameters
    ----------
    layer
        As written.
    given
        Its arguments by name, the inferred one among them.

    Raises
    ------
    NNArchError
        torch refuses the arguments, or there is nothing to learn.
    """
    kind = class_of(layer)
    arguments = checked(layer, kind, given)
    try:
        module = kind(**arguments)
    except Exception as error:  # torch answers a wrong argument with any of them
        raise NNArchError(f"{layer.place}: {layer} cannot be made: {reason(error)}") from error
    if any(parameter.numel() == 0 for parameter in module.parameters()):
        raise NNArchError(f"{layer.place}: {layer} has no weights to learn; give sizes of at least 1")
    return module


def class_of(layer: Layer) -> type[nn.Module]:
    layers = known_layers()
    if layer.name in layers:
        return layers[layer.name]
    if layer.name.removeprefix("Lazy") in SIZED:
        raise NNArchError(
            f"{layer.place}: write {layer.name.removeprefix('Lazy')}: sizes left out are inferred"
        )
    cure = did_you_mean(layer.name, layers) or " Layers are named as in torch.nn, such as Conv2d(32, 3)."
    near = nearest(layer.name, layers)
    cures = [Cure("instead", (replace(layer, name=near),))] if near else []
    raise told(f"{layer.place}: no layer is called {layer.name!r}.{cure}", cures)


def layer_called(word: str) -> str | None:
    """Return the layer of this name, upper and lower case aside."""
    return next((name for name in known_layers() if name.lower() == word.lower()), None)


def reason(error: Exception) -> str:
    r"""Return the first line of torch's answer: what follows lists overloads or the C++ stack.

    Examples
    --------
    >>> reason(TypeError("conv2d() got an invalid combination - got (Tensor), but expected:\n * (…"))
    'conv2d() got an invalid combination'
    """
    if isinstance(error, ZeroDivisionError):
        return "it divides by a 0; give sizes of at least 1"
    line = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return shorten(line.split(" - got (")[0], LONGEST_REASON)
