"""What many tests share: golden files and the article's networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite", action="store_true", help="renew the golden files instead of comparing")


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Let each test draw the same random numbers, whichever tests ran before it in its process."""
    torch.manual_seed(0)
    np.random.seed(0)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with ``tests/golden/<name>``, or renew that file under ``--overwrite``."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--overwrite"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert path.exists(), f"no golden file {name}; make it with: pytest --overwrite"
        assert text == path.read_text()

    return compare


class ArticleCNN(nn.Module):
    """The article's SimpleCNN as published: without pooling, so ``fc1`` gets 36,864 features."""

    pooling = False

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv1(x))
        x = torch.relu(self.conv2(x))
        if self.pooling:
            x = nn.functional.max_pool2d(x, 2)
        x = torch.flatten(self.dropout(x), 1)
        return self.fc2(torch.relu(self.fc1(x)))


class MendedCNN(ArticleCNN):
    pooling = True


@pytest.fixture
def article_cnn() -> nn.Module:
    torch.manual_seed(0)
    return ArticleCNN()


@pytest.fixture
def simple_cnn() -> nn.Module:
    torch.manual_seed(0)
    return MendedCNN()
