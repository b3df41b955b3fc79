"""Small data of every kind and form, and plain torch networks that follow the same rules.

Each is learned in a second or two, so that trained networks can be looked at in tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.vocabulary import Vocabulary

GOOD, BAD = "good great fine nice love", "bad awful poor hate sad"
WORDS = ("<pad>", "<unknown>", *f"{GOOD} {BAD} the a it was movie film plot <b>bold</b> this , .".split())


class Text(nn.Module):
    """Embedding, LSTM and linear layer; one answer a text, or one a step."""

    def __init__(self, words: int = len(WORDS), outputs: int = 2, every_step: bool = False) -> None:
        super().__init__()
        self.words = nn.Embedding(words, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 16, batch_first=True)
        self.head = nn.Linear(16, outputs)
        self.every_step = every_step

    def forward(self, x: Tensor) -> Tensor:
        steps = self.lstm(self.words(x))[0]
        if self.every_step:
            return self.head(steps)
        last = (x != 0).sum(1).clamp(min=1) - 1
        return self.head(steps[torch.arange(len(x)), last])


class Series(nn.Module):
    """A GRU that answers after the last real step of each series."""

    def __init__(self, channels: int = 3, outputs: int = 3) -> None:
        super().__init__()
        self.gru = nn.GRU(channels, 16, batch_first=True)
        self.head = nn.Linear(16, outputs)

    def forward(self, x: Tensor) -> Tensor:
        real = ~x.isnan().all(2)
        steps = self.gru(torch.where(real[..., None], x, 0.0))[0]
        return self.head(steps[torch.arange(len(x)), real.sum(1).clamp(min=1) - 1])


def gen(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def cut(name: str, x: Tensor, y: Tensor, kind: Any, classes: tuple[str, ...], **more: Any) -> Data:
    a, b = int(0.6 * len(x)), int(0.8 * len(x))
    splits = (Split(x[part], y[part]) for part in (slice(a), slice(a, b), slice(b, None)))
    return Data(name, *splits, kind, tuple(x.shape[1:]), classes, **more)


def texts(n: int = 400, steps: int = 12) -> Data:
    """Return reviews: a few good or bad words among others, of different lengths."""
    draw = gen(0)
    y, length = torch.randint(2, (n,), generator=draw), torch.randint(4, steps + 1, (n,), generator=draw)
    x = torch.randint(12, len(WORDS), (n, steps), generator=draw)
    for i in range(n):
        many = int(torch.randint(1, 4, (1,), generator=draw))
        where = torch.randperm(int(length[i]), generator=draw)[:many]
        x[i, where] = torch.randint(2, 7, (many,), generator=draw) + (0 if y[i] == 1 else 5)
    x[torch.arange(steps)[None] >= length[:, None]] = 0
    return cut("reviews", x, y, "classification", ("bad", "good"), vocabulary=Vocabulary(WORDS))


def next_tokens(n: int = 400, steps: int = 12) -> Data:
    """Return a text that counts to seven over and over; every third window is shorter."""
    x = ((torch.arange(n * steps + 1)) % 7 + 2)[: n * steps].view(n, steps).clone()
    y = ((torch.arange(1, n * steps + 1)) % 7 + 2).view(n, steps).clone()
    x[::3, 8:], y[::3, 8:] = 0, -100
    return cut("counting", x, y, "next-token", WORDS, vocabulary=Vocabulary(WORDS))


def series(n: int = 400, steps: int = 15, padded: bool = True) -> Data:
    """Return three classes, each loud in a channel of its own, of different lengths."""
    draw = gen(1)
    y, x = torch.randint(3, (n,), generator=draw), torch.randn(n, steps, 3, generator=draw) / 2
    for channel in range(3):
        x[y == channel, :, channel] += 1.5
    low, high = float(x.min()), float(x.max())
    if padded:
        length = torch.randint(5, steps + 1, (n,), generator=draw)
        x[torch.arange(steps)[None] >= length[:, None]] = math.nan
    names = ("sine", "saw", "<square>")
    return cut("waves", x, y, "classification", names, bounds=(low, high), channels=("x", "y", "<z>"))


def labels(n: int = 500) -> Data:
    x = torch.randn(n, 6, generator=gen(2))
    y = torch.stack([x[:, 0] > 0, x[:, 1] + x[:, 2] > 1, x[:, 3] > 1.2], 1).float()
    return cut("weather", x, y, "multi-label", ("warm", "wet", "<storm>"), bounds=(-4.0, 4.0))


def masks(n: int = 200) -> Data:
    """Return bright squares to be found; the first line of pixels counts for nothing."""
    draw = gen(3)
    x, y = torch.rand(n, 1, 16, 16, generator=draw) * 0.3, torch.zeros(n, 16, 16, dtype=torch.long)
    for i in range(n):
        row, column = torch.randint(1, 10, (2,), generator=draw).tolist()
        x[i, 0, row : row + 6, column : column + 6] += 0.6
        y[i, row : row + 6, column : column + 6] = 1
    y[:, 0] = -100
    return cut("squares", x, y, "segmentation", ("ground", "square"))


def copies(n: int = 300) -> Data:
    draw = gen(4)
    x = torch.randn(n, 2, generator=draw) @ torch.randn(2, 8, generator=draw)
    return cut("copies", x, x.clone(), "reconstruction", (), bounds=(-6.0, 6.0))


def forecast(n: int = 600) -> Data:
    """Return a trend with seasons in windows: 24 steps, and the 6 after them to tell."""
    time = torch.arange(float(n + 30))
    line = 315 + time * 0.025 + 3 * torch.sin(2 * math.pi * time / 52)
    x = torch.stack([line[i : i + 24] for i in range(n)])[..., None]
    y = torch.stack([line[i + 24 : i + 30] for i in range(n)])
    return cut("carbon", (x - 322) / 5, y, "regression", tuple(f"+{i}" for i in range(1, 7)))


KINDS: dict[str, tuple[Callable[[], Data], Callable[[], nn.Module]]] = {
    "texts": (texts, Text),
    "next tokens": (next_tokens, lambda: Text(outputs=len(WORDS), every_step=True)),
    "series": (series, Series),
    "forecast": (forecast, lambda: Series(1, 6)),
    "labels": (labels, lambda: nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))),
    "masks": (
        masks,
        lambda: nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 3, padding=1)),
    ),
    "copies": (copies, lambda: nn.Sequential(nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 8))),
}


def fresh(name: str) -> tuple[nn.Module, Data]:
    """Return an untrained network and its data."""
    data, model = KINDS[name]
    torch.manual_seed(0)
    return model(), data()


@cache
def trained(name: str) -> tuple[nn.Module, Data]:
    """Return a network that has learned its data: the same one to every test."""
    import nnarch_nb

    model, data = fresh(name)
    nnarch_nb.train(model, data, epochs=10, lr=0.02)
    return model, data
