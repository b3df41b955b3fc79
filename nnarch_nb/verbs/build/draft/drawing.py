"""The picture of a draft: what stands of it as the graph of a network, and the layer that fails marked."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import nn

from nnarch_nb.verbs.build.draft.trying import Trial
from nnarch_nb.verbs.build.network import Sequence, children, tie
from nnarch_nb.verbs.build.planning.plan import named
from nnarch_nb.verbs.graph import Graph, graph


def drawn(trial: Trial, example: torch.Tensor | None, title: str) -> Graph | None:
    """Return the graph; None where the input is not known or there are no layers."""
    if example is None or not trial.layers:
        return None
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        network = Sequence(children(trial.standing), "", title, 0)
        tie(network)
    if trial.failed:
        place = trial.failed[0]
        network.add_module(named(trial.layers)[place], stand_in(trial.layers[place].name, trial.problem))
    return graph(network, example)


def stand_in(name: str, problem: str) -> nn.Module:
    """Return a module that is called like a layer and fails with what is wrong with that."""

    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        raise RuntimeError(problem)

    return type(name, (nn.Module,), {"forward": forward})()
