"""What a layer makes of a batch: its output's shape, found without computing, each sample kept apart.

torch takes much that is no batch: two dimensions are one unbatched sequence to an LSTM, three one image to
a convolution. Such a network runs, and a sample's answer then depends on its neighbours. So a layer is given
only what it reads as a batch, and is run on two batch sizes, whose outputs may differ in nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.language.cure import Cure, told
from nnarch_nb.verbs.build.layers import reason
from nnarch_nb.verbs.build.layers.arguments import FEATURES, SIZED

BATCH = 2  # BatchNorm takes no batch of one
IMAGES = "channels, height, width"
LAYOUTS = {"1d": "channels, length", "2d": IMAGES, "3d": "channels, depth, height, width"}
STEPS = "steps, features"
OTHER_LAYOUTS = {
    **dict.fromkeys(("RNN", "LSTM", "GRU", "TransformerEncoderLayer", "Masking"), STEPS),
    **dict.fromkeys(("SelfAttention", "Positions", "Segments", "ClassToken", "SinceLast"), STEPS),
    **dict.fromkeys(("Unfold", "PixelShuffle", "PixelUnshuffle"), IMAGES),
}
SIDES = ("kernel_size", "stride", "padding", "output_padding", "dilation")
TAKES_FEWER = re.compile("BatchNorm1d|(Constant|Zero)Pad.d")


def output_of(layer: Layer, module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Return the output for a batch of ``BATCH``.

    Raises
    ------
    NNArchError
        The layer does not accept what comes before it, or does not keep the samples apart.
    """
    refuse_other_layout(layer, x)
    refuse_other_size(layer, module, x)
    refuse_other_sides(layer, module, x)
    refuse_batch_dimension(layer, module, x)
    y = run(layer, module, x)
    more = run(layer, module, x.new_empty(BATCH + 1, *x.shape[1:]))
    if y.shape[:1] != x.shape[:1] or more.shape != (BATCH + 1, *y.shape[1:]):
        raise refusal(
            layer, x, f"makes {tuple(y.shape)} of {tuple(x.shape)}; dimension 0 is the batch: begin at 1"
        )
    if 0 in y.shape:
        raise refusal(layer, x, f"leaves {tuple(y.shape[1:])}, no values; give sizes of at least 1")
    return y


def refuse_other_layout(layer: Layer, x: torch.Tensor) -> None:
    layout = OTHER_LAYOUTS.get(layer.name, LAYOUTS.get(layer.name[-2:]))
    if layout is None or TAKES_FEWER.match(layer.name):
        return
    dimensions = layout.count(",") + 1
    missing = dimensions - (x.dim() - 1)
    if missing > 0 and layer.name.startswith("Dropout"):  # of one channel all or nothing would be left
        plain = Layer("Dropout", layer.args, layer.kwargs)
        raise refusal(
            layer, x, f"takes ({layout}) and drops whole channels; write {plain}", Cure("instead", (plain,))
        )
    if missing > 0:
        sizes = (*[1] * missing, *x.shape[1:2])
        apart = f"Unflatten(1, {sizes})"
        raise refusal(
            layer, x, f"takes ({layout}); {apart} before it adds what is missing", Cure("before", apart)
        )
    if missing == -1 and layout == STEPS:
        steps = "Flatten(2), Transpose(1, 2)"
        raise refusal(
            layer, x, f"takes ({layout}); {steps} before it makes pixels steps", Cure("before", steps)
        )
    if missing < 0:
        flat = f"Flatten({dimensions})"
        raise refusal(
            layer,
            x,
            f"takes ({layout}); leave out the batch, or write {flat} before it",
            Cure("before", flat),
        )


def refuse_other_size(layer: Layer, module: nn.Module, x: torch.Tensor) -> None:
    """Refuse channels that differ, which transposed convolutions take on ``meta`` and then cannot run."""
    name, dimension = SIZED.get(layer.name, ("", FEATURES))
    size = getattr(module, name, None)
    if isinstance(size, int) and x.dim() > 1 and size != x.shape[dimension]:
        raise refusal(
            layer, x, f"has {name}={size}; give {x.shape[dimension]}", Cure("size", number=x.shape[dimension])
        )


def refuse_other_sides(layer: Layer, module: nn.Module, x: torch.Tensor) -> None:
    """Refuse one number too many for a convolution, which takes it on ``meta`` and then cannot run."""
    if not isinstance(module, nn.modules.conv._ConvNd):
        return
    for name in SIDES:
        sides = getattr(module, name)
        if isinstance(sides, tuple) and len(sides) not in (1, x.dim() - 2):
            raise refusal(layer, x, f"takes one {name} or {x.dim() - 2}, not {len(sides)}: {name}={sides}")


def refuse_batch_dimension(layer: Layer, module: nn.Module, x: torch.Tensor) -> None:
    """Refuse a softmax over the batch, or over a dimension that is not there, which ``meta`` lets pass."""
    dimension = getattr(module, "dim", 1)
    if dimension is None:  # torch then chooses the batch for three dimensions
        dimension = 0 if x.dim() == 3 else 1
    if not isinstance(dimension, int) or dimension in {*range(1, x.dim()), *range(1 - x.dim(), 0)}:
        return
    which = "the batch" if dimension in (0, -x.dim()) else "which is not there"
    raise refusal(layer, x, f"works over dimension {dimension}, {which}; give -1, the last, or 1, the first")


def refusal(layer: Layer, x: torch.Tensor, problem: str, *cures: Cure) -> NNArchError:
    return told(f"{layer.place}: {layer} gets {tuple(x.shape[1:])} but {problem}", cures)


def run(layer: Layer, module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    try:
        with torch.no_grad():
            y: Any = QUICK.get(type(module), nn.Module.__call__)(module, x)
    except Exception as error:  # torch answers a wrong input with any of them
        raise NNArchError(
            f"{layer.place}: {layer} does not accept {tuple(x.shape[1:])}, which comes before it: "
            f"{reason(error)}"
        ) from error
    y = y[0] if isinstance(y, tuple) else y
    if not isinstance(y, torch.Tensor):
        raise NNArchError(f"{layer.place}: {layer} returns {type(y).__name__}, not a tensor")
    return y


def sequence_of(module: nn.RNNBase, x: torch.Tensor) -> torch.Tensor:
    """Return the output of a recurrent layer; running it on ``meta`` costs 4 ms for each step and layer."""
    module.check_input(x, None)
    return x.new_empty(*x.shape[:2], (module.proj_size or module.hidden_size) * (1 + module.bidirectional))


def normalized(module: nn.modules.batchnorm._BatchNorm, x: torch.Tensor) -> torch.Tensor:
    """Return the output of a batch normalization; running it on ``meta`` costs ten times a convolution."""
    module._check_input_dim(x)
    return torch.empty_like(x) if x.is_floating_point() else module(x)


def each_number(module: nn.Module, x: torch.Tensor) -> Any:
    """Return the output of a layer that works on each number alone; torch takes 2 ms to find its shape."""
    usual = getattr(module, "approximate", "none") in ("none", "tanh")  # GELU tells of another when it runs
    return torch.empty_like(x) if x.is_floating_point() and usual else module(x)


# Whose output's shape is known without running them.
QUICK: dict[type[nn.Module], Callable[..., Any]] = {
    **dict.fromkeys((nn.RNN, nn.LSTM, nn.GRU), sequence_of),
    **dict.fromkeys((nn.ReLU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Mish, nn.Dropout), each_number),
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), normalized),
}
