"""Layers one after the other, with the mask that says which steps are real: what every network here is.

Sequences of different lengths share one tensor, padded at the end. What tells padding from data is made
once, where the data comes in, and handed from layer to layer, so that no spec has to speak of it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from nnarch_nb.verbs.build.modules.packing import run_packed, run_unpacked

UNREAD = {"SelfAttention", "Positions", "SinceLast", "Add", "Concat"}  # by TorchScript


class Chain(nn.Sequential):
    """An ``nn.Sequential`` that hands a mask on and takes the sequence of what recurrent layers return.

    The first layer makes the mask: ``Masking()`` of series, an embedding with ``padding_idx`` of tokens.
    It is gone with the steps: once they are pooled or flattened.
    """

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Run the layers; ``mask`` (n, steps) is True where a step is real, None where all are."""
        # TorchScript reads the first branch alone.
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            for layer in self:
                x = layer(x)
                x = x[0] if isinstance(x, tuple) else x
        else:
            mask = self.mask_of(x) if mask is None else mask
            for layer in self:
                x = self.step(layer, x, mask)
                if mask is not None:  # else no size is asked: torch.fx follows with mask=None
                    mask = self.mask_after(layer, mask) if x.dim() > 2 else None
        return x

    def mask_of(self, x: torch.Tensor) -> torch.Tensor | None:
        """Return which steps are real, where the first layer can tell."""
        return self.told_by(self[0], x) if len(self) else None

    @staticmethod
    def told_by(layer: nn.Module, x: torch.Tensor) -> torch.Tensor | None:
        """Return which steps are real, where this layer can tell."""
        if isinstance(layer, nn.Embedding):
            return None if layer.padding_idx is None or x.dim() != 2 else x != layer.padding_idx
        tell: Callable[..., torch.Tensor | None] | None = getattr(layer, "mask_of", None)
        return tell(x) if tell else None

    @staticmethod
    def step(layer: nn.Module, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Run one layer, with the mask where it knows what to do with it."""
        if mask is not None and isinstance(layer, nn.RNNBase):
            return (run_unpacked if torch.compiler.is_exporting() else run_packed)(layer, x, mask)
        y = layer(x, mask) if getattr(layer, "takes_mask", False) else layer(x)
        return y[0] if isinstance(y, tuple) else y

    @staticmethod
    def mask_after(layer: nn.Module, mask: torch.Tensor | None) -> torch.Tensor | None:
        """Return the mask of what a layer makes: longer where it, or one in it, puts steps in front."""
        change: Callable[..., torch.Tensor] | None = getattr(layer, "next_mask", None)
        return mask if mask is None or change is None else change(mask)

    def next_mask(self, mask: torch.Tensor | None) -> torch.Tensor | None:
        """Return the mask of what these layers make of steps with this one."""
        for layer in self:
            mask = self.mask_after(layer, mask)
        return mask

    def __prepare_scriptable__(self) -> Chain:
        """Return itself to TorchScript; what would lose its mask there, or cannot be read, is refused."""
        for part in self.modules():
            if type(part).__name__ in UNREAD:
                raise NotImplementedError(
                    f"TorchScript cannot read {type(part).__name__}; use torch.export or torch.jit.trace"
                )
            if getattr(part, "padding_idx", None) is not None or type(part).__name__ == "Masking":
                raise NotImplementedError(
                    "TorchScript would forget which steps are padding; use torch.export or torch.jit.trace"
                )
        return self
