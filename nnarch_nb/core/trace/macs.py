"""What each kernel costs: multiply-accumulates of products, convolutions, attention and recurrent gates.

Torch's registry has most formulas (in FLOPs, two per multiply-accumulate). Those here are the ones it
lacks for the kernels a CPU runs, without which attention and LSTM would count as nothing, and the plain
products, whose bookkeeping in the registry takes longer than all else that is done with one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils.flop_counter import flop_registry

from nnarch_nb.core.trace import quantized

aten = torch.ops.aten
QUANTIZED = ("quantized_", "fbgemm_")
# Where torch gets a kernel of this kind for which nobody gave a formula, its cost is not told rather than 0.
PRODUCT = re.compile(
    r"(?:^|_)(?:b?mm|addmm|matmul|linear|rnn|lstm|gru|convolution|conv[123]d|attention)(?:_|$)"
)
# The gates' element-wise part alone, whose products are kernels of their own; and weights put in order.
NO_PRODUCT = ("_thnn_fused_lstm_cell", "_thnn_fused_gru_cell", "_cudnn_rnn_flatten_weight")
GROUPED = aten._grouped_mm.default
TORCHS_OWN = {"aten", "prim", "prims", "profiler", "inductor", "rngprims", "debugprims"}


def attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    """Scores and weighted sum, without a discount for a causal mask."""
    batch, heads, length, width = query.shape
    return batch * heads * length * key.shape[2] * (width + value.shape[3])


def recurrent(x: Tensor, w_input: Tensor, w_hidden: Tensor, *_: Any, **__: Any) -> int:
    """Gates of one direction of one layer; ``x`` has time and batch first."""
    return x.shape[0] * x.shape[1] * (w_input.numel() + w_hidden.numel())


def recurrent_at_once(x: Tensor, weights: list[Tensor], *_: Any, **__: Any) -> int:
    """All layers and directions; ``x`` has time and batch first, or the real steps of a packed batch."""
    return prod(x.shape[:-1]) * sum(weight.numel() for weight in weights if weight.dim() == 2)


def row_by_row(x: Tensor, _: Tensor, __: Any, scales: Tensor, *___: Any) -> int:
    """Rows by a matrix packed into few bits; there are scales for each of its columns."""
    return x.numel() * scales.shape[1]


def grouped(a: Tensor, b: Tensor, *_: Any, **__: Any) -> int:
    """Rows routed among several matrices (mixture of experts): each row meets one of them."""
    groups = b.shape[0] if a.dim() == b.dim() == 3 else 1
    return groups * a.shape[-2] * a.shape[-1] * b.shape[-1]


def product(a: Tensor, b: Tensor, *_: Any, **__: Any) -> int:
    """Matrix by vector, and vector by vector."""
    return a.numel()


def products(a: Tensor, b: Tensor, *_: Any, **__: Any) -> int:
    return a.numel() * b.shape[-1]


def added_matrices(_: Tensor, a: Tensor, b: Tensor, *__: Any, **___: Any) -> int:
    return products(a, b)


def packed_product(x: Tensor, weight: Tensor, *_: Any) -> int:
    """Rows by a matrix of whole numbers, with a row of its own for each answer."""
    return x.numel() * weight.shape[0]


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
    "_cudnn_rnn": recurrent_at_once,
    "miopen_rnn": recurrent_at_once,
    "_grouped_mm": grouped,
    "mm": products,
    "bmm": products,
    "addmm": added_matrices,
    "baddbmm": added_matrices,
    "_int_mm": products,
    "_addmm_activation": added_matrices,
    "_weight_int8pack_mm": packed_product,
    "_weight_int4pack_mm": row_by_row,
    "_weight_int4pack_mm_for_cpu": row_by_row,
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
# Those that want the result too.
OF_RESULT = quantized.by_kernel()
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


def packet_of(kernel: Any) -> Any:
    """Return what a formula is found by: the same for a kernel that writes over its first argument."""
    packet = getattr(kernel, "_overloadpacket", None)
    name = getattr(packet, "__name__", "")
    written = name.endswith("_") and getattr(kernel, "namespace", "") == "aten"
    return getattr(aten, name[:-1], packet) if written else packet


def has_formula(kernel: Any) -> bool:
    packet = packet_of(kernel)
    return packet in OURS or packet in OF_RESULT or packet in flop_registry


def is_unknown(kernel: Any) -> bool:
    """Whether a kernel's cost cannot be told: not one of torch's own, or one that runs others unseen."""
    if has_formula(kernel):
        return False
    if not isinstance(kernel, OpOverload) or kernel.namespace not in TORCHS_OWN:
        return True
    name = kernel._schema.name.partition("::")[2]
    return any(word in name for word in QUANTIZED) or (bool(PRODUCT.search(name)) and name not in NO_PRODUCT)


def macs_of(kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> int:
    """Return the multiply-accumulates of one kernel call; 0 for what the convention leaves out."""
    packet = packet_of(kernel)
    if packet in OURS:
        return OURS[packet](*args, **kwargs)
    if packet in OF_RESULT:
        return OF_RESULT[packet](args, out)
    if packet in flop_registry:
        return int(flop_registry[packet](*args, **kwargs, out_val=out)) // 2
    return 0
