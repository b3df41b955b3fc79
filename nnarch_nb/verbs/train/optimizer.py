"""The optimizer of a run: one step for all weights at once, where device, number type and gradients allow."""

from __future__ import annotations

import torch
from torch import nn

from nnarch_nb.verbs.train.settings import OPTIMIZERS, Settings


def optimizer_for(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Return the optimizer over what is not frozen, fused where that exists."""
    name, more = OPTIMIZERS[settings.optimizer]
    kind = getattr(torch.optim, name)
    common = {"lr": settings.lr, "weight_decay": settings.weight_decay}
    trainable = [p for p in model.parameters() if p.requires_grad]
    plain = {option: value for option, value in more.items() if option != "fused"}
    if any(getattr(module, "sparse", False) is True for module in model.modules()):
        return kind(trainable, **common, **plain)  # no fused step takes sparse gradients
    try:
        return kind(trainable, **common, **more)
    except RuntimeError:  # how torch says that this device or number type has no fused step
        return kind(trainable, **common, **plain)
