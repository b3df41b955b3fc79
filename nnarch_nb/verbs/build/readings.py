"""Which of two orders is meant, where the arguments of a layer fit both.

``Conv2d(32, 5, 1, 2)`` on 32 channels is a 5×5 convolution that leaves the size out, or torch's own order for
a 1×1 one with 5 outputs. torch has the first word: what it cannot make and run is not meant. Then
the tests of ``USUAL``, the one table, are asked in turn which numbers people give; one that neither passes
tells nothing. Where two remain, the person is asked.
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
    likely = working or made
    for usual in USUAL.get(layer.name, ()):
        likely = [order for order in likely if usual(layer, order)] or likely
    if working and len(likely) > 1:
        raise two_readings(layer, *likely)
    return likely[0]


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


def small_kernel(layer: Layer, order: Made) -> bool:
    return max(sizes_of(order, "kernel_size")) <= USUAL_KERNEL


def usual_steps(layer: Layer, order: Made) -> bool:
    """Tell whether a kernel is odd, halves or tiles, in usual steps, and pads no more than keeps the size."""
    sides = zip(
        *(sizes_of(order, name) for name in ("kernel_size", "stride", "padding", "dilation")), strict=True
    )
    return all(usual_side(*side) for side in sides)


def usual_side(kernel: int, stride: int, padding: int, dilation: int) -> bool:
    odd = kernel % 2 == 1 and stride in (1, 2)
    halves = kernel in HALVING and stride == 2
    tiles = kernel % 2 == 0 and stride == kernel and padding == 0
    return (odd or halves or tiles) and padding <= dilation * (kernel // 2)


def sizes_of(order: Made, name: str) -> tuple[int, ...]:
    module: Any = order.module
    sizes = getattr(module, name)
    return (0,) * len(module.kernel_size) if isinstance(sizes, str) else sizes


def ends_in_no_default(layer: Layer, order: Made) -> bool:
    """Tell whether the last argument by place is more than torch takes anyway, which nobody writes out."""
    last, value = list(order.given.items())[-1 - len(layer.kwargs)]
    default = signature_of(class_of(layer)).parameters[last].default
    return any(number != default for number in each(value))


def keeps_width(layer: Layer, order: Made) -> bool:
    """Tell whether a layer gives no less than it gets: networks widen, and heads are settled before this."""
    module: Any = order.module
    if isinstance(module, nn.RNNBase):
        return bool(module.hidden_size >= module.input_size)
    return bool(module.out_channels >= module.in_channels)


def enlarges(layer: Layer, order: Made) -> bool:
    """Tell whether a transposed convolution is a usual one: with 1×1 it would have nothing to enlarge."""
    steps = zip(sizes_of(order, "stride"), sizes_of(order, "kernel_size"), strict=True)
    return all(stride <= kernel <= USUAL_KERNEL for stride, kernel in steps) and not all(
        kernel == 1 for kernel in sizes_of(order, "kernel_size")
    )


def stacks_few(layer: Layer, order: Made) -> bool:
    module: Any = order.module
    return bool(module.num_layers <= USUAL_STACK)


def feeds_wider(layer: Layer, order: Made) -> bool:
    """Tell whether a transformer's layer is a usual one: its feedforward part is the wider one."""
    module: Any = order.module
    return bool(module.linear1.out_features >= module.linear1.in_features)


Test = Callable[[Layer, Made], bool]
USUAL: dict[str, tuple[Test, ...]] = {
    **dict.fromkeys(
        ("Conv1d", "Conv2d", "Conv3d"), (small_kernel, usual_steps, ends_in_no_default, keeps_width)
    ),
    **dict.fromkeys([f"ConvTranspose{n}d" for n in (1, 2, 3)], (enlarges,)),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), (stacks_few, keeps_width)),
    "TransformerEncoderLayer": (feeds_wider,),
}
