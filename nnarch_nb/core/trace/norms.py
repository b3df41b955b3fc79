"""The means that normalizations on the CPU keep for their backward run.

With weights in 32 bits and numbers in 16 they are kept in 32, of which torch's fakes of these kernels know
nothing: they take the type of the numbers.
"""

from __future__ import annotations

from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor

aten = torch.ops.aten
NORMS = {
    aten.native_layer_norm.default: 2,
    aten.native_group_norm.default: 1,
    aten.native_batch_norm.default: 1,
}
HALF = {torch.bfloat16, torch.float16}


def in_half(kernel: Any, args: Any) -> bool:
    """Whether it is a normalization of numbers of 16 bits, whose means have a type of each device's own."""
    return kernel in NORMS and args[0].dtype in HALF


def with_means(kernel: Any, args: Any, out: Any) -> Any:
    """Return what the kernel gives, its means in the type that they have on the CPU."""
    weight = args[NORMS[kernel]]
    if (
        weight is None
        or weight.dtype in HALF
        or not isinstance(out[0], FakeTensor)
        or out[0].device.type != "cpu"
    ):
        return out
    return (out[0], out[1].to(weight.dtype), out[2].to(weight.dtype))
