"""Which of two orders is meant, where the arguments of a layer fit both.

``Conv2d(32, 5, 1, 2)`` on 32 channels is a 5×5 convolution that leaves the size out, or torch's own order for
a 1×1 one with 5 outputs. torch has the first word: what it cannot make and run is not meant. Then
``PLAUSIBLE``, the one table, tells which numbers people give. Of two that remain, one that narrows gives way
to one that does not, as networks widen; where that leaves two, or the table none, the person is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.arguments import each, orders, signature_of, spelled
from nnarch_nb.verbs.build.batch import output_of
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.layers import class_of, make

USUAL_KERNEL = 11  # AlexNet's; a larger number is likelier a count of channels
HALVING = (2, 4)  # even kernels that are usual with a stride of 2
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
        The name, an argument or its value is wrong, the size cannot be inferred, or both orders are as
        plausible as each other.
    """
    made = made_of(layer, x)
    if x is None or len(made) == 1:
        return made[0]
    working = [order for order in made if runs(layer, order.module, x)]
    likely = [order for order in working or made if plausible(layer, order)]
    likely = [order for order in likely if not narrows(order.module)] or likely or working
    if working and len(likely) > 1:
        raise two_readings(layer, *likely)
    return (likely or made)[0]


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


def usual_convolution(module: Any) -> bool:
    padding = (0,) * len(module.stride) if isinstance(module.padding, str) else module.padding
    return all(map(usual_side, module.kernel_size, module.stride, padding, module.dilation))


def usual_side(kernel: int, stride: int, padding: int, dilation: int) -> bool:
    """Tell whether a kernel is odd, halves or tiles, in usual steps, and pads no more than keeps the size."""
    has_form = kernel % 2 == 1 or (kernel in HALVING and stride == 2) or stride == kernel
    in_steps = stride in (1, 2) or (stride == kernel and padding == 0)
    return has_form and in_steps and kernel <= USUAL_KERNEL and padding <= dilation * (kernel // 2)


def enlarges(module: Any) -> bool:
    """Tell whether a transposed convolution is a usual one: with 1×1 it would have nothing to enlarge."""
    sizes = zip(module.stride, module.kernel_size, strict=True)
    usual = all(stride <= kernel <= USUAL_KERNEL for stride, kernel in sizes)
    return usual and max(module.kernel_size) > 1


def stacks_few(module: Any) -> bool:
    return bool(module.num_layers <= USUAL_STACK)


def feeds_wider(module: Any) -> bool:
    """Tell whether a transformer's layer is a usual one: its feedforward part is the wider one."""
    return bool(module.linear1.out_features >= module.linear1.in_features)


CONVOLUTIONS = ("Conv1d", "Conv2d", "Conv3d")
PLAUSIBLE: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(CONVOLUTIONS, usual_convolution),
    **{f"ConvTranspose{n}d": enlarges for n in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), stacks_few),
    "TransformerEncoderLayer": feeds_wider,
}


def plausible(layer: Layer, order: Made) -> bool:
    if layer.name in CONVOLUTIONS and ends_in_default(layer, order):
        return False
    return layer.name not in PLAUSIBLE or PLAUSIBLE[layer.name](order.module)


def ends_in_default(layer: Layer, order: Made) -> bool:
    """Tell whether the last argument by place is what torch takes anyway, which nobody writes out."""
    last, value = list(order.given.items())[-1 - len(layer.kwargs)]
    default = signature_of(class_of(layer)).parameters[last].default
    return all(number == default for number in each(value))


def narrows(module: Any) -> bool:
    """Whether a layer gives less than it gets, which only torch's order can ask of it here."""
    if isinstance(module, nn.RNNBase):
        return module.hidden_size < module.input_size
    is_plain = hasattr(module, "out_channels") and not getattr(module, "transposed", True)
    return is_plain and module.out_channels < module.in_channels
