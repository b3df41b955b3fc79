"""Which of two orders is meant, where the arguments of a layer fit both.

``Conv2d(8, 3, 1)`` on 8 channels is a 3×3 convolution that leaves the size out, or torch's own order for a
1×1 one with 3 outputs. torch has the first word: what it cannot make and run is not meant. Then
``PLAUSIBLE``, the one table, tells which numbers people give. Of two that remain, one that narrows gives way
to one that does not, as networks widen; where that leaves two, the person is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.arguments import orders, signature_of, spelled
from nnarch_nb.verbs.build.batch import output_of
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.layers import class_of, make

USUAL_KERNEL = 11  # AlexNet's; a larger number is likelier a count of channels
USUAL_STACK = 4  # recurrent layers; a larger number is likelier their units


@dataclass(frozen=True)
class Made:
    """A layer in one order of its arguments.

    Attributes
    ----------
    given
        The arguments by name, the inferred one among them.
    module
        Made of them.
    """

    given: dict[str, Any]
    module: nn.Module


def settled(layer: Layer, x: torch.Tensor | None) -> Made:
    """Return the layer in the order that is meant.

    Parameters
    ----------
    layer
        As written.
    x
        Its input on ``meta``; None where it is not known.

    Raises
    ------
    NNArchError
        The name, an argument or its value is wrong, the size cannot be inferred, or both orders are
        plausible.
    """
    made = made_of(layer, x)
    if x is None or len(made) == 1:
        return made[0]
    working = [order for order in made if runs(layer, order.module, x)]
    likely = [order for order in working or made if plausible(layer, order.module)]
    likely = [order for order in likely if not narrows(order.module)] or likely
    if working and len(likely) > 1:
        raise two_readings(layer, *likely)
    return (likely or working or made)[0]


def made_of(layer: Layer, x: torch.Tensor | None) -> list[Made]:
    """Return the layer in each order that torch can make; raise for the last where there is none."""
    made, errors = [], []
    for given in orders(layer, class_of(layer), None if x is None else x.shape):
        try:
            made.append(Made(given, make(layer, given)))
        except NNArchError as error:
            errors.append(error)
    if not made:
        raise errors[-1]
    return made


def runs(layer: Layer, module: nn.Module, x: torch.Tensor) -> bool:
    try:
        output_of(layer, module, x)
    except NNArchError:
        return False
    return True


def two_readings(layer: Layer, without_size: Made, as_torch: Made) -> NNArchError:
    signature = signature_of(class_of(layer))
    first, second = (spelled(layer, order.given, signature) for order in (as_torch, without_size))
    return NNArchError(
        f"{layer.place}: {layer} has two readings: in torch's order it is {first}, "
        f"without the input size {second}; write the one you mean"
    )


def usual_kernel(module: Any) -> bool:
    sizes = zip(module.stride, module.kernel_size, strict=True)
    return all(stride <= kernel <= USUAL_KERNEL for stride, kernel in sizes)


def enlarges(module: Any) -> bool:
    """Tell whether a transposed convolution is a usual one: with 1×1 it would have nothing to enlarge."""
    return usual_kernel(module) and max(module.kernel_size) > 1


def stacks_few(module: Any) -> bool:
    return bool(module.num_layers <= USUAL_STACK)


def feeds_wider(module: Any) -> bool:
    """Tell whether a transformer's layer is a usual one: its feedforward part is the wider one."""
    return bool(module.linear1.out_features >= module.linear1.in_features)


PLAUSIBLE: dict[str, Callable[[Any], bool]] = {
    **{f"Conv{n}d": usual_kernel for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": enlarges for n in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), stacks_few),
    "TransformerEncoderLayer": feeds_wider,
}


def plausible(layer: Layer, module: nn.Module) -> bool:
    return layer.name not in PLAUSIBLE or PLAUSIBLE[layer.name](module)


def narrows(module: Any) -> bool:
    """Whether a layer gives less than it gets, which only torch's order can ask of it here."""
    if isinstance(module, nn.RNNBase):
        return module.hidden_size < module.input_size
    is_plain = hasattr(module, "out_channels") and not getattr(module, "transposed", True)
    return is_plain and module.out_channels < module.in_channels
