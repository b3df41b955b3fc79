"""The modes of a network under training: what learns, what rests, and the way back."""

from __future__ import annotations

from torch import nn


class Modes:
    """The training flags of a network: as they came, and as a run needs them.

    A part rests if it came in evaluation mode inside a network in training mode and has nothing to train:
    so a frozen backbone keeps the statistics of its normalization. A network that came in evaluation
    mode as a whole says nothing of its parts, and all of it goes into training mode.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.before = [(module, module.training) for module in model.modules()]
        self.resting = [
            module for module, mode in self.before if model.training and not mode and idle(module)
        ]

    def train(self) -> None:
        self.model.train()
        for module in self.resting:
            module.training = False

    def restore(self) -> None:
        for module, mode in self.before:
            module.training = mode


def idle(module: nn.Module) -> bool:
    return not any(parameter.requires_grad for parameter in module.parameters())
