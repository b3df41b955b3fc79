"""Which function of the author's an operation is written in."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace


def turned(x: Tensor) -> Tensor:
    return -x


def rope(x: Tensor) -> Tensor:
    return turned(x) * 2


class Uses(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 4), nn.Softplus())

    def forward(self, x: Tensor) -> Tensor:
        return rope(self.inner(x)) + torch.relu(x)


def test_functions_below_forward_are_named() -> None:
    run = trace(Uses(), as_call((4,)))
    helpers = {step.name: step.helper for step in run.operations if step.kind == "function"}
    assert helpers == {"neg": "rope/turned", "mul": "rope", "relu": "", "add": ""}
    assert {step.bytes for step in run.operations if step.kind == "function"} == {16}
