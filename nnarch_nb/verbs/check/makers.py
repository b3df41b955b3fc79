"""Makes a layer like another, with one size or setting changed and its weights undrawn."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from nnarch_nb.core.device import device_of
from nnarch_nb.core.inputs import weight_dtype

Maker = Callable[[Any, type[nn.Module], dict[str, Any]], nn.Module]
MOST_WEIGHTS = 2**30  # a layer made for a trial stays below 4 GiB


def like(*attributes: str) -> Maker:
    """Return what makes a layer with these attributes, some of them changed."""

    def make(layer: Any, kind: type[nn.Module], changed: dict[str, Any]) -> nn.Module:
        takes = inspect.signature(kind).parameters
        anything = "kwargs" in takes  # as recurrent layers say
        values = {name: getattr(layer, name) for name in attributes if anything or name in takes} | changed
        if anything or "bias" in takes:
            bias = getattr(layer, "bias", None)
            values["bias"] = bias if isinstance(bias, bool) else bias is not None
        return fresh(layer, kind, **values)

    return make


def fresh(beside: nn.Module, kind: type[nn.Module], *sizes: Any, **more: Any) -> nn.Module:
    """Return a new layer on the device and of the type of another, its weights undrawn."""
    layer = kind(*sizes, **more, device="meta", dtype=weight_dtype(beside))
    return layer.to_empty(device=device_of(beside))


CONVOLUTION = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
RECURRENT = ("input_size", "hidden_size", "num_layers", "batch_first", "dropout", "bidirectional")
NORM = ("num_features", "eps", "momentum", "affine", "track_running_stats")
MAKERS: dict[type[nn.Module], Maker] = {
    nn.Linear: like("in_features", "out_features"),
    nn.Bilinear: like("in1_features", "in2_features", "out_features"),
    nn.Embedding: like("num_embeddings", "embedding_dim", "padding_idx", "max_norm", "sparse"),
    nn.EmbeddingBag: like("num_embeddings", "embedding_dim", "max_norm", "mode"),
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), like(*CONVOLUTION, "padding_mode")),
    **dict.fromkeys(
        (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d), like(*CONVOLUTION, "output_padding")
    ),
    **dict.fromkeys(
        (
            nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d,
            nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d,
        ),
        like(*NORM),
    ),
    nn.GroupNorm: like("num_groups", "num_channels", "eps", "affine"),
    **dict.fromkeys((nn.LayerNorm, nn.RMSNorm), like("normalized_shape", "eps", "elementwise_affine")),
    nn.LSTM: like(*RECURRENT, "proj_size"),
    nn.GRU: like(*RECURRENT),
    nn.RNN: like(*RECURRENT, "nonlinearity"),
    **dict.fromkeys((nn.RNNCell, nn.LSTMCell, nn.GRUCell), like("input_size", "hidden_size")),
    nn.MultiheadAttention: like("embed_dim", "num_heads", "dropout", "batch_first", "kdim", "vdim"),
    nn.PReLU: like("num_parameters"),
}  # fmt: skip


def maker_of(layer: nn.Module) -> tuple[type[nn.Module], Maker] | None:
    """Return the class and the maker of a layer of torch's own; one with a parametrization is of its base."""
    kinds = type(layer).__mro__ if is_parametrized(layer) else (type(layer),)
    return next(((kind, MAKERS[kind]) for kind in kinds if kind in MAKERS), None)


def remade(layer: nn.Module, **changed: Any) -> nn.Module | None:
    """Return a layer like this one with other sizes; None if it cannot be made, or is too large."""
    made = maker_of(layer)
    if made is None or weights_of(layer, changed) > MOST_WEIGHTS:
        return None
    kind, make = made
    try:
        return make(layer, kind, changed)
    except (ValueError, AssertionError):  # such as groups that do not divide the channels
        return None


def weights_of(layer: nn.Module, changed: dict[str, Any]) -> int:
    """Return how many weights a layer would have, about, with one size changed."""
    weights = sum(p.numel() for p in layer.parameters())
    for name, value in changed.items():
        old = getattr(layer, name)
        weights = (
            weights // old * value if isinstance(old, int) and old and isinstance(value, int) else weights
        )
    return weights


def other_kind(layer: nn.Module, dimensions: int) -> nn.Module | None:
    """Return the same layer for pictures of so many dimensions: ``BatchNorm2d`` for a ``BatchNorm1d``."""
    name = type(layer).__name__
    made = maker_of(layer)
    kind = getattr(nn, f"{name[:-2]}{dimensions}d", None) if name[-2:] in ("1d", "2d", "3d") else None
    if kind is None or made is None:
        return None
    sizes = {key: getattr(layer, key) for key in ("kernel_size", "stride", "padding", "dilation")
             if isinstance(getattr(layer, key, None), tuple)}  # fmt: skip
    single = {key: value[0] for key, value in sizes.items()}
    return made[1](layer, kind, single)
