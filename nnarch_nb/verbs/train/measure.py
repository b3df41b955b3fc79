"""How a network does on samples it does not learn from."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nnarch_nb.core.data import Split
from nnarch_nb.verbs.train.objective import Objective

BATCH = 256  # enough to keep a core busy, small enough for its cache


def measure(model: nn.Module, split: Split, objective: Objective) -> tuple[float, Tensor]:
    """Return the mean loss and what is predicted for every sample.

    Parameters
    ----------
    split
        Samples on the network's device. The network is left in evaluation mode.
    """
    model.eval()
    total, predicted = [], []
    with torch.no_grad():
        for x, y in zip(split.x.split(BATCH), split.y.split(BATCH), strict=True):
            output = model(x.clone())  # a network may write into what it is given
            total.append(objective.loss(output, y) * len(y))
            predicted.append(objective.predicted(output, y))
    return float(torch.stack(total).sum()) / len(split), torch.cat(predicted)
