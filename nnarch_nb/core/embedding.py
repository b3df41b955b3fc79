"""Where tokens become numbers: the embeddings that get them, found by running the network.

Between two tokens there is nothing, so what asks for gradients asks for them behind the embedding: the
layer's output is replaced by a tensor that has them, whatever the network does with the tokens beside.
Mostly there is one; where several look the same tokens up, their vectors stand side by side as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.network import name_of
from nnarch_nb.errors import NNArchError

LOOKED_UP = (torch.int32, torch.int64)


@dataclass(frozen=True)
class Lookup:
    """The embeddings that are given the tokens."""

    layers: tuple[nn.Embedding, ...]

    @property
    def padding(self) -> int | None:
        """The token that stands for padding; None where no embedding is told one."""
        return next((layer.padding_idx for layer in self.layers if layer.padding_idx is not None), None)

    @property
    def words(self) -> int:
        """How many tokens have a vector."""
        return min(layer.num_embeddings for layer in self.layers)

    @property
    def table(self) -> torch.Tensor:
        """The vector of every token."""
        tables = [layer.weight.detach()[: self.words] for layer in self.layers]
        return tables[0] if len(tables) == 1 else torch.cat(tables, 1)

    @torch.no_grad()
    def vectors(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the vectors ``(n, steps, dim)``, those of several embeddings side by side."""
        known = tokens if tokens.dtype in LOOKED_UP else tokens.long()
        return torch.cat([layer(known) for layer in self.layers], 2)

    @contextmanager
    def replaced(self, tokens: torch.Tensor, vectors: torch.Tensor) -> Iterator[None]:
        """Have the embeddings answer ``vectors`` for these tokens inside the block."""
        parts = vectors.split([layer.embedding_dim for layer in self.layers], 2)
        hooks = [answering(*pair, tokens) for pair in zip(self.layers, parts, strict=True)]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


def answering(layer: nn.Embedding, vectors: torch.Tensor, tokens: torch.Tensor) -> Any:
    """Let a layer answer the vectors for these tokens; return the hook that does."""

    def answer(_: nn.Module, given: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
        # A copy: what comes next may be in place, as `h = embed(x); h += positions` is.
        return vectors.clone() if are(given, tokens) else output

    return layer.register_forward_hook(answer)


def embedding_of(model: nn.Module, tokens: torch.Tensor, run: Any) -> Lookup:
    """Return the embeddings that are given the tokens.

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
    found: dict[nn.Embedding, None] = {}
    turned: list[nn.Module] = []

    def see(layer: nn.Module, given: tuple[Any, ...]) -> None:
        if isinstance(layer, nn.Embedding) and are(given, tokens):
            found[layer] = None
        elif tokens.dim() == 2 and are(given, tokens.T):
            turned.append(layer)

    layers = [module for module in model.modules() if isinstance(module, nn.Embedding)]
    if not layers:
        raise NNArchError(no_embedding(model, tokens))
    hooks = [layer.register_forward_pre_hook(see) for layer in layers]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    if not found and turned:
        raise NNArchError(
            f"{name_of(model)} turns the tokens to (steps, n) before its Embedding: turn its output instead, "
            "embedding(x).transpose(0, 1), so that the Embedding gets them as they are"
        )
    if not found:
        raise NNArchError(no_embedding(model, tokens))
    return Lookup(tuple(found))


def no_embedding(model: nn.Module, tokens: torch.Tensor) -> str:
    return (
        f"the input holds integers ({tokens.dtype}), and no Embedding of {name_of(model)} gets them as they "
        "are: tokens are looked at behind it; for images use x.float()"
    )


def are(given: tuple[Any, ...], tokens: torch.Tensor) -> bool:
    if not given or not isinstance(given[0], torch.Tensor) or given[0].shape != tokens.shape:
        return False
    return given[0] is tokens or bool((given[0] == tokens).all())
