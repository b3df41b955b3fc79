"""Which numbers people give a layer whose input size they left out, where torch's own order fits as well.

Each test of ``USUAL`` gets the arguments by name, defaults among them, and the input size that the text would
write out in torch's own order; None where that is not the size that follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nnarch_nb.verbs.build.layers.arguments import each

USUAL_KERNEL = 11  # AlexNet's; a larger number is likelier a count of channels
HALVING = (2, 4)  # even kernels that are usual with a stride of 2
USUAL_STACK = 4  # recurrent layers; a larger number is likelier their units
NARROW = 4  # channels or features of data; what keeps so few is likelier the size of the input written out


def usual_convolution(given: Mapping[str, Any], written: int | None) -> bool:
    """Tell whether the numbers are those of a convolution with its input size left out."""
    kernels = each(given["kernel_size"])
    strides, padding, dilations = (
        alike(given[name], len(kernels)) for name in ("stride", "padding", "dilation")
    )
    if written is None:
        sides = zip(kernels, strides, strict=False)
        return all(kernel <= USUAL_KERNEL or kernel == stride for kernel, stride in sides)
    sides_of_all = zip(kernels, strides, padding, dilations, strict=False)
    return written > NARROW and all(usual_side(*side) for side in sides_of_all)


def usual_side(kernel: int, stride: int, padding: int, dilation: int) -> bool:
    """Tell whether a kernel is odd, halves or tiles, in usual steps, and pads no more than keeps the size."""
    odd = kernel % 2 == 1 and 1 < kernel <= USUAL_KERNEL and stride in (1, 2)
    halves = kernel in HALVING and stride == 2
    tiles = kernel % 2 == 0 and stride == kernel and padding == 0
    return (odd or halves or tiles) and padding <= dilation * (kernel // 2)


def alike(value: Any, count: int) -> tuple[int, ...]:
    """Return one number for each side; a word such as ``"same"`` pads no more than keeps the size."""
    if isinstance(value, str):
        return (0,) * count
    numbers = each(value)
    return numbers * count if len(numbers) == 1 else numbers


def usual_stack(given: Mapping[str, Any], written: int | None) -> bool:
    stacks_few = bool(given["num_layers"] <= USUAL_STACK)
    return stacks_few and (written is None or written > NARROW)


def usual_encoder(given: Mapping[str, Any], written: int | None) -> bool:
    """Tell whether a transformer's layer is a usual one: its feedforward part is the wider one."""
    return written is None or bool(given["dim_feedforward"] > written)


# Whether the reading without the size is one that people write, where torch's own order fits as well.
USUAL: dict[str, Callable[[Mapping[str, Any], int | None], bool]] = {
    **{f"Conv{n}d": usual_convolution for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": usual_convolution for n in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), usual_stack),
    "TransformerEncoderLayer": usual_encoder,
}
