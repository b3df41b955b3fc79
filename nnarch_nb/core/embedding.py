"""Where tokens become numbers: the embedding that gets them, found by running the network.

Between two tokens there is nothing, so what asks for gradients asks for them behind the embedding: the
layer's output is replaced by a tensor that has them, whatever the network does with the tokens beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.network import name_of
from nnarch_nb.errors import NNArchError


def embedding_of(model: nn.Module, tokens: torch.Tensor, run: Any) -> nn.Embedding:
    """Return the first embedding that is given the tokens.

    Parameters
    ----------
    tokens
        As the network gets them.
    run
        Called without arguments, runs the network on them.

    Raises
    ------
    NNArchError
        No embedding gets them.
    """
    found: list[nn.Embedding] = []

    def see(layer: nn.Module, given: tuple[Any, ...]) -> None:
        if isinstance(layer, nn.Embedding) and are(given, tokens):
            found.append(layer)

    layers = [module for module in model.modules() if isinstance(module, nn.Embedding)]
    if not layers:
        raise NNArchError(no_embedding(model, tokens))
    hooks = [layer.register_forward_pre_hook(see) for layer in layers]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    if not found:
        raise NNArchError(no_embedding(model, tokens))
    return found[0]


def no_embedding(model: nn.Module, tokens: torch.Tensor) -> str:
    return (
        f"the input holds integers ({tokens.dtype}), and no Embedding of {name_of(model)} gets them as they "
        "are: tokens are looked at behind it; for images use x.float()"
    )


@contextmanager
def replaced(layer: nn.Embedding, tokens: torch.Tensor, vectors: torch.Tensor) -> Iterator[None]:
    """Have the layer answer ``vectors`` (n, steps, dim) for these tokens inside the block."""

    def answer(_: nn.Module, given: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
        return vectors if are(given, tokens) else output

    hook = layer.register_forward_hook(answer)
    try:
        yield
    finally:
        hook.remove()


def are(given: tuple[Any, ...], tokens: torch.Tensor) -> bool:
    if not given or not isinstance(given[0], torch.Tensor) or given[0].shape != tokens.shape:
        return False
    return given[0] is tokens or bool((given[0] == tokens).all())
