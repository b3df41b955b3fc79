"""What quantized kernels cost: the products of the layer they stand for, whose weights they hold packed.

Torch has no formulas for them. Packed weights are taken out to learn their shape, which a fake cannot do;
quantized networks take a real run.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor

Formula = Callable[[Any, Any], int]


def weight_in(args: Any) -> Tensor:
    """Return the weight of the first packed argument."""
    packed: Any = next(arg for arg in args if isinstance(arg, torch.ScriptObject))
    weight: Tensor = packed.unpack()[0]
    return weight


def rows_by_matrix(args: Any, out: Any) -> int:
    return int(args[0].numel()) * weight_in(args).shape[0]


def convolution(args: Any, out: Any) -> int:
    """Each number of the result is a product with all weights of its channel."""
    return int(out.numel()) * weight_in(args)[0].numel()


def transposed(args: Any, out: Any) -> int:
    """Each number of the input meets all weights of its channel."""
    return int(args[0].numel()) * weight_in(args)[0].numel()


def recurrent(gates: int) -> Formula:
    """Return the formula of a network of all layers and directions with so many gates."""

    def formula(args: Any, out: Any) -> int:
        x, *rest = args
        state = next(place for place, arg in enumerate(rest) if is_state(arg))
        _, _, layers, _, _, both = rest[state + 1 : state + 7]
        hidden = (rest[state][0] if isinstance(rest[state], (list, tuple)) else rest[state]).shape[-1]
        directions = 2 if both else 1
        widths = [x.shape[-1], *[directions * hidden] * (layers - 1)]
        return prod(x.shape[:-1]) * directions * gates * hidden * sum(width + hidden for width in widths)

    return formula


def is_state(arg: Any) -> bool:
    """Whether it is the hidden state: a list for an LSTM; the sizes of a packed batch come before it."""
    return isinstance(arg, (list, tuple)) or (isinstance(arg, Tensor) and arg.dim() == 3)


LINEAR = (
    "linear", "linear_relu", "linear_leaky_relu", "linear_tanh", "linear_dynamic", "linear_relu_dynamic",
    "linear_dynamic_fp16", "linear_relu_dynamic_fp16",
)  # fmt: skip
CONVOLUTIONS = [
    f"conv{n}d{then}" for n in (1, 2, 3) for then in ("", "_relu", "_dynamic", "_add", "_add_relu")
]
FORMULAS: dict[str, Formula] = {
    **dict.fromkeys(LINEAR, rows_by_matrix),
    **dict.fromkeys(CONVOLUTIONS, convolution),
    **dict.fromkeys(
        (f"conv_transpose{n}d{then}" for n in (1, 2, 3) for then in ("", "_dynamic")), transposed
    ),
}
RECURRENT = {"quantized_lstm": recurrent(4), "quantized_gru": recurrent(3)}


def by_kernel() -> dict[Any, Formula]:
    """Return the formulas by kernel, of those that this torch has."""
    ours = ((torch.ops.quantized, FORMULAS), (torch.ops.aten, RECURRENT))
    return {
        getattr(place, name): formula
        for place, formulas in ours
        for name, formula in formulas.items()
        if hasattr(place, name)
    }
