"""Networks for graphs, points, pairs, tables and fields, each with the idea of its domain."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .entry import B, Cost, Entry, conv, floats, linear, norm, table, words


class Siamese(nn.Module):
    """Two inputs through one network."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return F.cosine_similarity(self.body(a), self.body(b))


class Graph(nn.Module):
    """Two graph convolutions by a dense matrix of neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(5, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor, near: Tensor) -> Tensor:
        near = near / near.sum(-1, keepdim=True)
        return near @ self.second(F.relu(near @ self.first(x)))


class Sets(nn.Module):
    """Sees a set of points: the same layers for each, then the largest of each feature."""

    def __init__(self) -> None:
        super().__init__()
        self.each = nn.Sequential(nn.Conv1d(3, 8, 1), nn.BatchNorm1d(8), nn.ReLU())
        self.all = nn.Linear(8, 4)

    def forward(self, points: Tensor) -> Tensor:
        return self.all(self.each(points).amax(-1))


class FNet(nn.Module):
    """Mixes tokens by a Fourier transform, of which it keeps the real part."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(self.norm(x + torch.fft.fft2(x).real))


class Recommender(nn.Module):
    """A wide part of crossed features and a deep one of embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(10, 4) for _ in range(3))
        self.wide, self.deep = nn.Linear(5, 1), nn.Linear(12 + 5, 6)
        self.top = nn.Linear(6 + 3, 1)

    def forward(self, categories: Tensor, numbers: Tensor) -> Tensor:
        found = torch.stack([look(categories[:, i]) for i, look in enumerate(self.tables)], 1)
        crossed = (found @ found.mT)[:, [0, 0, 1], [1, 2, 2]]
        deep = self.deep(torch.cat([found.flatten(1), numbers], 1)).relu()
        return self.wide(numbers) + self.top(torch.cat([deep, crossed], 1))


class Radiance(nn.Module):
    """A field of colours over places, told by sines of many frequencies."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3 * 8, 16), nn.ReLU(), nn.Linear(16, 4))

    def forward(self, places: Tensor) -> Tensor:
        angles = places[..., None] * 2.0 ** torch.arange(4, device=places.device)
        return self.body(torch.cat([angles.sin(), angles.cos()], -1).flatten(-2))


SIAMESE = conv(1, 4, 9, 16) + linear(64, 5)
GRAPH = linear(5, 8, 6) + linear(8, 3, 6) + Cost(0, 36 * 8 + 36 * 3)
RECOMMENDER = table(10, 4) * 3 + linear(5, 1) + linear(17, 6) + linear(9, 1) + Cost(0, 9 * 4)

ENTRIES = [
    Entry("siamese", Siamese, floats((B, 1, 6, 6), (B, 1, 6, 6)), SIAMESE.called(2 * B)),
    Entry("graph convolution", Graph, floats((B, 6, 5), (B, 6, 6)), GRAPH.called(B)),
    Entry("points", Sets, floats((B, 3, 10)), (conv(3, 8, 1, 10) + norm(8) + linear(8, 4)).called(B)),
    Entry("fourier mixing", FNet, floats((B, 6, 8)),
          (norm(8) + linear(8, 16, 6) + linear(16, 8, 6)).called(B)),
    Entry("recommender", Recommender, lambda: (words(10, (B, 3))()[0], floats((B, 5))()[0]),
          RECOMMENDER.called(B)),
    Entry("radiance field", Radiance, floats((B, 5, 3)), (linear(24, 16, 5) + linear(16, 4, 5)).called(B)),
]  # fmt: skip
