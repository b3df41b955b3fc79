"""How a network does on samples it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nnarch_nb.core.data import Split
from nnarch_nb.core.probe import logits_in
from nnarch_nb.verbs.train.failures import told
from nnarch_nb.verbs.train.objective import Objective

BATCH = 256  # enough to keep a core busy, small enough for its cache


@dataclass(frozen=True)
class Measured:
    """The mean loss, what is kept of the outputs, and whether every output can be judged."""

    loss: float
    predicted: Tensor
    sound: bool


def measure(model: nn.Module, split: Split, objective: Objective) -> Measured:
    """Ask the network for every sample of a split.

    Parameters
    ----------
    split
        Samples on the network's device. The network is left in evaluation mode.
    """
    model.eval()
    total, predicted, sound = [], [], []
    with torch.no_grad():
        for x, y in zip(split.x.split(BATCH), split.y.split(BATCH), strict=True):
            with told(model, x):
                output = logits_in(model(x.clone()))  # a network may write into what it is given
                total.append(objective.loss(output, y) * len(y))
            predicted.append(objective.predicted(output, y))
            sound.append(objective.sound(output))
    loss = float(torch.stack(total).sum()) / len(split)
    return Measured(loss, torch.cat(predicted), bool(torch.stack(sound).all()))
