"""A network fed with a sequence bit by bit: each step is computed once and what it left behind is kept.

Causal attention keeps the keys and values of earlier steps, a recurrent layer its state, positions count on.
All is kept here and nothing in the network, which is run layer by layer from outside. ``can_step`` says of
which networks this gives what the whole sequence would give; any other has to be run anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from nnarch_nb.verbs.build.modules.attention import SelfAttention
from nnarch_nb.verbs.build.modules.chain import Chain
from nnarch_nb.verbs.build.modules.combine import Add, Concat, Residual
from nnarch_nb.verbs.build.modules.tokens import Positions, Segments, Unembed

# Layers that give each step what follows from that step alone.
ACTIVATIONS = (nn.ReLU, nn.GELU, nn.SiLU, nn.Tanh, nn.ELU, nn.LeakyReLU, nn.Sigmoid, nn.Mish, nn.Softplus)
ALONE = (nn.Linear, Unembed, nn.Embedding, Segments, nn.Dropout, nn.Identity, nn.LayerNorm, nn.RMSNorm)
RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)
FEATURES = (-1, 2)  # the dimension of the features in (n, steps, features)


class Stepper:
    """A network and what it has seen so far.

    Parameters
    ----------
    network
        One that ``can_step``, in evaluation mode.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.past = 0
        self.kept: dict[nn.Module, Any] = {}

    def __call__(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the answer for the steps that come next: ``(n, steps) -> (n, steps, outputs)``."""
        y = self.run(self.network, tokens)
        self.past += tokens.shape[1]
        return y

    def run(self, layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """Run one layer on the steps that come next."""
        step = STEPS.get(kind_of(layer))
        return step(self, layer, x) if step else layer(x)


def chain(steps: Stepper, layers: Iterable[nn.Module], x: torch.Tensor) -> torch.Tensor:
    for layer in layers:
        x = steps.run(layer, x)
    return x


def residual(steps: Stepper, block: Residual, x: torch.Tensor) -> torch.Tensor:
    straight = x if block.shortcut is None else steps.run(block.shortcut, x)
    return straight + steps.run(block.body, x)


def add(steps: Stepper, paths: Add, x: torch.Tensor) -> torch.Tensor:
    first, *others = [steps.run(path, x) for path in paths.children()]
    for other in others:
        first = first + other
    return first


def concat(steps: Stepper, paths: Concat, x: torch.Tensor) -> torch.Tensor:
    return torch.cat([steps.run(path, x) for path in paths.children()], dim=paths.dim)


def positions(steps: Stepper, layer: Positions, x: torch.Tensor) -> torch.Tensor:
    return x + layer.weight[steps.past : steps.past + x.shape[1]]


def recurrent(steps: Stepper, layer: nn.RNNBase, x: torch.Tensor) -> torch.Tensor:
    y, steps.kept[layer] = layer(x, steps.kept.get(layer))
    return y


def attention(steps: Stepper, layer: SelfAttention, x: torch.Tensor) -> torch.Tensor:
    query, *new = layer.projected(x)
    old = steps.kept.get(layer)
    key, value = new if old is None else (torch.cat(pair, dim=2) for pair in zip(old, new, strict=True))
    steps.kept[layer] = key, value
    seen = x.new_ones(x.shape[1], key.shape[2], dtype=torch.bool).tril(steps.past)
    y = F.scaled_dot_product_attention(query, key, value, attn_mask=None if x.shape[1] == 1 else seen)
    return layer.joined(y)


STEPS: dict[type, Callable[..., torch.Tensor]] = {
    Chain: chain,
    Residual: residual,
    Add: add,
    Concat: concat,
    Positions: positions,
    SelfAttention: attention,
    **dict.fromkeys(RECURRENT, recurrent),
}


def kind_of(layer: nn.Module) -> type:
    """Return the class whose way of running it is: a chain's, where it is one with a name of its own."""
    return Chain if isinstance(layer, Chain) and type(layer).forward is Chain.forward else type(layer)


def can_step(network: nn.Module) -> bool:
    """Whether a network fed bit by bit gives what it gives for the whole.

    Examples
    --------
    >>> can_step(Chain(nn.Embedding(9, 8), SelfAttention(8, 2, causal=True), nn.Linear(8, 9)))
    True
    >>> can_step(Chain(nn.Embedding(9, 8), SelfAttention(8, 2), nn.Linear(8, 9)))
    False
    """
    modules = [module for _, module in network.named_modules(remove_duplicate=False)]
    shared = len({id(module) for module in modules}) < len(modules)
    return not shared and all(follows(module) for module in modules)


def follows(layer: nn.Module) -> bool:
    """Whether a step's output follows from it and the steps before it, and nobody listens to its runs."""
    kind = kind_of(layer)
    if layer._forward_hooks or layer._forward_pre_hooks:
        return False
    if isinstance(layer, SelfAttention):
        return layer.causal
    if isinstance(layer, nn.RNNBase):
        return kind in RECURRENT and layer.batch_first and not layer.bidirectional
    if isinstance(layer, Concat):
        return layer.dim in FEATURES
    if isinstance(layer, nn.LayerNorm | nn.RMSNorm) and len(layer.normalized_shape) > 1:
        return False
    return kind in STEPS or kind in ALONE or kind in ACTIVATIONS
