"""How each kernel mixes positions: through a window, in another order, or all with all.

Noted while a network runs, at the level of kernels, where a layer and a function of the same name are one and
their arguments have one form. What works on each position alone, such as an activation, notes nothing; so do
normalizations, whose statistics are by custom no part of a receptive field.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

from nnarch_nb.core.trace.record import Mixing, Window
from nnarch_nb.core.trace.resampling import METHODS, resampled

ALL, LINEAR, VIEW = Mixing("all"), Mixing("linear"), Mixing("view")
Rule = Callable[[Any, Any], Mixing | None]

ALONE = {
    "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
    "_batch_norm_with_update", "cudnn_batch_norm", "native_group_norm", "native_layer_norm", "native_dropout",
    "clone", "_to_copy", "detach", "alias", "t", "lift_fresh", "empty", "empty_like", "zeros", "zeros_like",
    "ones", "ones_like", "full", "full_like", "scalar_tensor", "arange", "copy_", "fill_", "bernoulli_",
    "native_channel_shuffle", "channel_shuffle",
}  # fmt: skip


def each(values: Any, count: int) -> tuple[Any, ...]:
    """Return one value for each dimension, of one that stands for all or of a list."""
    listed = list(values) if isinstance(values, (list, tuple, torch.Size)) else [values]
    return tuple(listed if len(listed) == count else listed[:1] * count)


def argument(args: Any, place: int, default: Any) -> Any:
    given = args[place] if len(args) > place else default
    return default if given is None or (isinstance(given, (list, tuple)) and not given) else given


def convolution(args: Any, out: Any) -> Mixing:
    size = tuple(args[1].shape[2:])
    stride, padding, dilation = (each(args[place], len(size)) for place in (3, 4, 5))
    return Mixing("window", Window(size, stride, padding, dilation, bool(args[6])))


def pooling(args: Any, out: Any) -> Mixing:
    """Pool; the average has no dilation, and a stride left out is the size."""
    count = len(args[1])
    size = each(args[1], count)
    return Mixing(
        "window", Window(size, each(argument(args, 2, size), count), each(argument(args, 3, 0), count))
    )


def dilated_pooling(args: Any, out: Any) -> Mixing:
    plain = pooling(args, out).window
    assert plain is not None
    return Mixing("window", plain._replace(dilation=each(argument(args, 4, 1), len(plain.size))))


def adaptive(args: Any, out: Any) -> Mixing | None:
    wanted = (out[0] if isinstance(out, tuple) else out).shape[2:]
    given = args[0].shape[2:]
    if list(wanted) == list(given):
        return None
    if all(size == 1 for size in wanted) or any(a % b for a, b in zip(given, wanted, strict=True)):
        return ALL
    size = tuple(a // b for a, b in zip(given, wanted, strict=True))
    return Mixing("window", Window(size, size))


def interpolated(name: str) -> Rule:
    """Return the rule of an interpolation, which may make an image larger or smaller."""

    def rule(args: Any, out: Any) -> Mixing:
        window = resampled(METHODS[name], args[0].shape[2:], out.shape[2:], args[2:])
        return ALL if window is None else Mixing("window", window)

    return rule


def shuffled(args: Any, out: Any) -> Mixing:
    return Mixing("window", Window((args[1],) * 2, (args[1],) * 2, transposed=True))


def unshuffled(args: Any, out: Any) -> Mixing:
    return Mixing("window", Window((args[1],) * 2, (args[1],) * 2))


def padded(args: Any, out: Any) -> Mixing:
    """Pad: all positions move by what stands before the first, listed from the last dimension on."""
    before = tuple(args[1][::2])[::-1]
    return Mixing("window", Window((1,) * len(before), (1,) * len(before), before))


def sliced(args: Any, out: Any) -> Mixing | None:
    """Take a part: where it starts moves all positions, and its step makes them jump."""
    axis, size = argument(args, 1, 0) % args[0].dim(), args[0].shape[argument(args, 1, 0)]
    start, step = argument(args, 2, 0), argument(args, 4, 1)
    start = min(max(start + size if start < 0 else start, 0), size)
    if out.shape == args[0].shape:
        return None
    return Mixing("slice", Window((1,), (step,), (-start,)), (axis,))


def expanded(args: Any, out: Any) -> Mixing | None:
    """Repeat: what was one position is seen from all along the axis."""
    shape = (*[1] * (out.dim() - args[0].dim()), *args[0].shape)
    axes = tuple(axis for axis, (a, b) in enumerate(zip(shape, out.shape, strict=True)) if a != b)
    return Mixing("along", order=axes) if axes else None


def permuted(args: Any, out: Any) -> Mixing:
    return Mixing("order", order=tuple(axis % args[0].dim() for axis in args[1]))


def transposed(args: Any, out: Any) -> Mixing:
    order = list(range(args[0].dim()))
    order[args[1]], order[args[2]] = order[args[2]], order[args[1]]
    return Mixing("order", order=tuple(order))


def viewed(args: Any, out: Any) -> Mixing | None:
    return None if args[0].shape == out.shape else VIEW


def along(place: int, default: int | None) -> Rule:
    """Return the rule of what works along some dimensions."""

    def rule(args: Any, out: Any) -> Mixing:
        tensor = args[0][0] if isinstance(args[0], (list, tuple)) else args[0]
        axes = args[place] if len(args) > place else default
        axes = [axes] if isinstance(axes, int) else axes
        if not axes or (isinstance(out, Tensor) and out.dim() != tensor.dim()):
            return ALL
        return Mixing("along", order=tuple(axis % tensor.dim() for axis in axes))

    return rule


RULES: dict[str, Rule | Mixing] = {
    "convolution": convolution,
    **dict.fromkeys(("max_pool2d_with_indices", "max_pool3d_with_indices", "max_pool2d"), dilated_pooling),
    **dict.fromkeys(("avg_pool2d", "avg_pool3d", "avg_pool1d"), pooling),
    **dict.fromkeys(("_adaptive_avg_pool2d", "_adaptive_avg_pool3d"), adaptive),
    **dict.fromkeys(("adaptive_max_pool2d", "adaptive_max_pool3d"), adaptive),
    **{name: interpolated(name) for name in METHODS},
    "pixel_shuffle": shuffled,
    "pixel_unshuffle": unshuffled,
    **dict.fromkeys(
        (f"{how}_pad{n}d" for how in ("reflection", "replication") for n in (1, 2, 3)), padded
    ),
    "constant_pad_nd": padded,
    "permute": permuted,
    "transpose": transposed,
    **dict.fromkeys(("view", "_unsafe_view", "reshape", "_reshape_alias", "unsqueeze", "squeeze"), viewed),
    **dict.fromkeys(("mm", "addmm"), LINEAR),
    **dict.fromkeys(("cat", "_softmax", "_log_softmax"), along(1, 0)),
    **dict.fromkeys(("mean", "sum", "amax", "amin"), along(1, None)),
    **dict.fromkeys(("split", "split_with_sizes", "unsafe_split", "unsafe_split_with_sizes"), along(2, 0)),
    "glu": along(1, -1),
    "slice": sliced,
    "expand": expanded,
}  # fmt: skip


@lru_cache(4096)
def rule_of(kernel: Any) -> Rule | Mixing | None:
    """Return how the kernel mixes positions; None for one that works on each alone."""
    if not isinstance(kernel, OpOverload):
        return ALL
    name = kernel._overloadpacket.__name__
    if name in RULES:
        return RULES[name]
    alone = kernel.namespace in ("prim", "prims") or name in ALONE or torch.Tag.pointwise in kernel.tags
    return None if alone else ALL


def is_told(kernel: Any) -> bool:
    """Whether a function made of kernels is better told by itself than by them."""
    return kernel._overloadpacket.__name__ in RULES


def mixing(kernel: Any, args: Any, out: Any) -> Mixing | None:
    """Return how one call of a kernel mixes positions, None if not at all."""
    rule = rule_of(kernel)
    return rule(args, out) if callable(rule) else rule
