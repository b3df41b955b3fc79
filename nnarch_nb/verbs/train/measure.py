"""How a network does on samples it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from nnarch_nb.core.data import Split
from nnarch_nb.core.probe import logits_in
from nnarch_nb.verbs.train.failures import told
from nnarch_nb.verbs.train.objective import Objective

BATCH = 256  # enough to keep a core busy, small enough for its cache
NUMBERS = 2**24  # in the answers to a batch: those of a language model are as many as its words


@dataclass(frozen=True)
class Measured:
    """The mean loss, what is kept of the outputs, and whether every output can be judged."""

    loss: float
    predicted: Tensor
    sound: bool


def measure(model: nn.Module, split: Split, objective: Objective, rows: int = BATCH) -> Measured:
    """Ask the network for every sample of a split.

    Parameters
    ----------
    split
        Samples on the network's device. The network is left in evaluation mode.
    rows
        Samples at once.
    """
    model.eval()
    total, predicted, sound = [], [], []
    with torch.no_grad():
        for x, y in zip(*(part.split(rows) for part in (split.x, split.y)), strict=True):
            with told(model, x):
                output = logits_in(model(x.clone()))  # a network may write into what it is given
                total.append(torch.as_tensor(objective.loss(output, y) * objective.judged(y)))
            predicted.append(objective.predicted(output, y))
            sound.append(objective.sound(output))
    loss = float(torch.stack(total).sum() / objective.judged(split.y))
    return Measured(loss, torch.cat(predicted), bool(torch.stack(sound).all()))


def rows_of(shape: tuple[int, ...]) -> int:
    """Return how many samples to ask for at once, by the shape of an answer.

    Examples
    --------
    >>> rows_of((10,)), rows_of((64, 10_000))
    (256, 26)
    """
    return max(1, min(BATCH, NUMBERS // prod(shape)))
