"""The weights worth keeping, and when to stop looking for better ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Best:
    """A copy of a network's weights and buffers at its best epoch; epoch 0 is before training.

    Parameters
    ----------
    model
        Its present state is the first one kept.
    patience
        Epochs without gain after which to stop; 0 for never.
    """

    def __init__(self, model: nn.Module, patience: int) -> None:
        self.model, self.patience = model, patience
        self.epoch, self.loss = 0, math.inf
        self.state = {name: tensor.clone() for name, tensor in state_of(model).items()}

    def offer(self, epoch: int, val_loss: float | None) -> None:
        """Keep the present weights if the loss is the lowest, or if nothing tells epochs apart."""
        if val_loss is None or val_loss < self.loss:
            self.epoch, self.loss = epoch, math.inf if val_loss is None else val_loss
            self.state = {name: tensor.clone() for name, tensor in state_of(self.model).items()}

    def given_up(self, epoch: int) -> bool:
        return 0 < self.patience <= epoch - self.epoch

    def restore(self) -> None:
        """Give the network the weights kept."""
        with torch.no_grad():
            for name, tensor in state_of(self.model).items():
                if name in self.state:
                    tensor.copy_(self.state[name])


def finite(model: nn.Module) -> bool:
    """Tell whether every weight that is trained is a finite number."""
    weights = [p.detach().isfinite().all() for p in model.parameters() if p.requires_grad]
    return bool(torch.stack(weights).all())


def state_of(model: nn.Module) -> dict[str, Tensor]:
    """Return parameters and buffers by name, those that are not saved with the network too."""
    return {name: t.detach() for name, t in (*model.named_parameters(), *model.named_buffers())}
