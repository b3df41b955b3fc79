"""What each kernel costs: multiply-accumulates of products, convolutions, attention and recurrent gates.

Torch's registry has most formulas (in FLOPs, two per multiply-accumulate). Those here are the ones it
lacks for the kernels a CPU runs; without them attention and LSTM would count as nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten
QUANTIZED = ("quantized_", "fbgemm_")
GROUPED = aten._grouped_mm.default
TORCHS_OWN = {"aten", "prim", "prims", "profiler", "inductor", "rngprims", "debugprims"}


def attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    """Scores and weighted sum, without a discount for a causal mask."""
    batch, heads, length, width = query.shape
    return batch * heads * length * key.shape[2] * (width + value.shape[3])


def recurrent(x: Tensor, w_input: Tensor, w_hidden: Tensor, *_: Any, **__: Any) -> int:
    """Gates of one direction of one layer; ``x`` has time and batch first."""
    return x.shape[0] * x.shape[1] * (w_input.numel() + w_hidden.numel())


def grouped(a: Tensor, b: Tensor, *_: Any, **__: Any) -> int:
    """Rows routed among several matrices (mixture of experts): each row meets one of them."""
    groups = b.shape[0] if a.dim() == b.dim() == 3 else 1
    return groups * a.shape[-2] * a.shape[-1] * b.shape[-1]


def product(a: Tensor, b: Tensor, *_: Any, **__: Any) -> int:
    """Matrix by vector, and vector by vector."""
    return a.numel()


def added_product(_: Tensor, matrix: Tensor, *__: Any, **___: Any) -> int:
    return matrix.numel()


def added_products(_: Tensor, a: Tensor, b: Tensor, *__: Any, **___: Any) -> int:
    return a.numel() * b.shape[2]


def time_convolution(x: Tensor, weight: Tensor, _: Tensor, pad: int = 0) -> int:
    """``x`` has time, batch, channels; the weight time, channels in, channels out."""
    return (x.shape[0] + 2 * pad - weight.shape[0] + 1) * x.shape[1] * weight.numel()


def sparse_product(a: Tensor, b: Tensor, *_: Any, **__: Any) -> int:
    """One product a stored value and column; a fake does not know how many it stores."""
    if isinstance(a, FakeTensor):
        raise NotImplementedError("a sparse product is counted on values")
    return int(a._nnz()) * b.shape[1]


def added_sparse_product(_: Tensor, a: Tensor, b: Tensor, *__: Any, **___: Any) -> int:
    return sparse_product(a, b)


def bilinear(left: Tensor, weight: Tensor, right: Tensor, *_: Any, **__: Any) -> int:
    """Two products per sample: with the weight, then with the other input."""
    rows = prod(left.shape[:-2]) if left.dim() > 2 else left.shape[0]
    return rows * (weight.numel() + weight.shape[-3] * weight.shape[-1])


FORMULAS: dict[str, Callable[..., int]] = {
    "_scaled_dot_product_flash_attention_for_cpu": attention,
    "_scaled_dot_product_fused_attention_overrideable": attention,
    "mkldnn_rnn_layer": recurrent,
    "_grouped_mm": grouped,
    "mv": product,
    "dot": product,
    "vdot": product,
    "addmv": added_product,
    "addbmm": added_products,
    "conv_tbc": time_convolution,
    "_sparse_mm": sparse_product,
    "_sparse_addmm": added_sparse_product,
    "_trilinear": bilinear,
}
OURS = {getattr(aten, name): formula for name, formula in FORMULAS.items() if hasattr(aten, name)}


def grouped_result(a: Tensor, b: Tensor, offsets: Tensor | None = None, *_: Any, **__: Any) -> Tensor:
    """Return a fake of what a grouped product gives: torch makes one in bfloat16 alone, as CUDA wants it."""
    if a.dim() == b.dim():
        groups = a if offsets is None else offsets
        return a.new_empty((groups.shape[0], a.shape[-2], b.shape[-1]))
    return a.new_empty((a.shape[-2], b.shape[-1]))


def result_of(kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run the kernel; on fakes, what stands in for one that refuses them."""
    if kernel is GROUPED and isinstance(args[0], FakeTensor):
        return grouped_result(*args, **kwargs)
    return kernel(*args, **kwargs)


def has_formula(kernel: Any) -> bool:
    packet = getattr(kernel, "_overloadpacket", None)
    return packet in OURS or packet in flop_registry


def is_unknown(kernel: Any) -> bool:
    """Whether a kernel's cost cannot be told: not one of torch's own, or one that runs others unseen."""
    ours = isinstance(kernel, OpOverload) and kernel.namespace in TORCHS_OWN
    return not has_formula(kernel) and (not ours or any(word in str(kernel) for word in QUANTIZED))


def macs_of(kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> int:
    """Return the multiply-accumulates of one kernel call; 0 for what the convention leaves out."""
    packet = getattr(kernel, "_overloadpacket", None)
    if packet in OURS:
        return OURS[packet](*args, **kwargs)
    if packet in flop_registry:
        return int(flop_registry[packet](*args, **kwargs, out_val=out)) // 2
    return 0
