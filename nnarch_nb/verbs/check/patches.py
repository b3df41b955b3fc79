"""Changes held in place for one trial: of the inputs, before a layer, or another layer in its place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.device import device_of
from nnarch_nb.core.inputs import Call, weight_dtype
from nnarch_nb.verbs.check.finding import layer_at

Patch = Callable[[nn.Module, Call], AbstractContextManager[Call]]


def like(*attributes: str) -> Callable[[Any, dict[str, Any]], nn.Module]:
    """Return what makes a layer with these attributes, some of them changed, its weights undrawn."""

    def make(layer: Any, changed: dict[str, Any]) -> nn.Module:
        values = {name: getattr(layer, name) for name in attributes} | changed
        if "bias" in inspect.signature(type(layer)).parameters:
            values["bias"] = layer.bias is not None
        where = {"device": device_of(layer), "dtype": weight_dtype(layer)}
        return nn.utils.skip_init(type(layer), **values, **where)

    return make


CONVOLUTION = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
MAKERS: dict[type[nn.Module], Callable[[Any, dict[str, Any]], nn.Module]] = {
    nn.Linear: like("in_features", "out_features"),
    nn.Embedding: like("num_embeddings", "embedding_dim", "padding_idx", "max_norm", "sparse"),
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), like(*CONVOLUTION, "padding_mode")),
    **dict.fromkeys(
        (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), like("num_features", "eps", "momentum")
    ),
}


@contextmanager
def hooked(handle: Any, call: Call) -> Iterator[Call]:
    try:
        yield call
    finally:
        handle.remove()


def before(path: str, change: nn.Module) -> Patch:
    """Return a patch that sends the layer's first input through ``change``."""

    def patch(model: nn.Module, call: Call) -> AbstractContextManager[Call]:
        layer = layer_at(model, path)
        return hooked(layer.register_forward_pre_hook(lambda _, args: (change(args[0]), *args[1:])), call)

    return patch


def with_inputs(change: Callable[[torch.Tensor], torch.Tensor]) -> Patch:
    """Return a patch that changes the tensors of the call."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        args = tuple(change(a) if isinstance(a, torch.Tensor) else a for a in call.args)
        kwargs = {k: change(v) if isinstance(v, torch.Tensor) else v for k, v in call.kwargs.items()}
        yield Call(args, kwargs)

    return patch


def instead(path: str, other: nn.Module) -> Patch:
    """Return a patch that puts another layer in the place of one."""
    parent, _, name = path.rpartition(".")

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        children = layer_at(model, parent)._modules
        layer = children[name]
        try:
            children[name] = other
            yield call
        finally:
            children[name] = layer

    return patch


def as_number(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return x.to(dtype) if x.is_floating_point() else x


def zeros_of(sample: tuple[int, ...]) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: x.new_zeros(len(x), *sample)
