"""What a proposal says can be typed in as it stands, and none that runs by chance is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from nnarch_nb import check
from nnarch_nb.core.data import Data, Split


def net(forward: Callable[..., Any], kind: str = "Net", **held: Any) -> nn.Module:
    """Return a network whose class has this forward, as a user would write it."""
    made = type(kind, (nn.Module,), {"forward": forward})()
    for name, value in held.items():
        setattr(made, name, value)
    return made


def z(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


def ids(*shape: int) -> torch.Tensor:
    return torch.ones(shape, dtype=torch.long)


def chain(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers)


def digits() -> Data:
    part = Split(z(6, 1, 4, 4), torch.tensor([0, 1, 2] * 2))
    return Data("digits", part, part, part, "classification", (1, 4, 4), ("a", "b", "c"))


class Case(NamedTuple):
    name: str
    model: nn.Module
    inputs: Any
    told: str
    mended: str | None
    unsaid: str = "\0"  # what no proposal may say


CASES = [
    Case(
        "channel of a batch",
        nn.Conv2d(1, 8, 3),
        z(4, 32, 32),
        "expects 1 channels but gets 4",
        "the channel is missing: x.unsqueeze(1) gives (4, 1, 32, 32)",
    ),
    Case(
        "channel and batch",
        nn.Conv2d(1, 8, 3),
        z(32, 32),
        "but gets 2: 32×32",
        "channel and batch are missing: x[None, None] gives (1, 1, 32, 32)",
        "transpose",
    ),
    Case(
        "one feature a step",
        nn.LSTM(1, 32, batch_first=True),
        z(8, 24),
        "expects 1 features but gets 24",
        "the feature dimension is missing: x.unsqueeze(-1) gives (8, 24, 1)",
    ),
    Case(
        "flatten of all, with data",
        chain(nn.Flatten(0), nn.Linear(16, 3)),
        digits(),
        "returns the shape (3,) for one sample",
        "Flatten(1) for 0: 1×16; tried: the network then returns (1, 3)",
        "grey",
    ),
    Case(
        "bytes without a batch",
        nn.Conv2d(3, 8, 3),
        z(3, 8, 8).byte(),
        "weights of float32 but gets numbers of uint8",
        "x.float() / 255, if they are pixels; the batch dimension is missing: x.unsqueeze(0) gives (1, 3, 8, 8)",
    ),
    Case(
        "ids without a batch",
        chain(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(28, 2)),
        ids(7),
        "expects 28 features but gets 4",
        "x.unsqueeze(0) gives (1, 7)",
    ),
    Case(
        "pictures to a network for videos",
        nn.Conv3d(3, 4, 3, padding=1),
        z(2, 3, 8, 8),
        "expects 3 channels but gets 2",
        "the time dimension is missing: x.unsqueeze(2) gives (2, 3, 1, 8, 8)",
        "transpose",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_and_mended(case):
    found = check(case.model, case.inputs)
    shown = [text for text in (found.proposal, *found.alternatives) if text]
    assert not found.ok
    assert case.told in found.reason
    assert "\n" not in found.reason
    assert not any(case.unsaid in text for text in shown), shown
    if case.mended is None:
        assert not shown
    else:
        assert any(case.mended in text for text in shown), shown
