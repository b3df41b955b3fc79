"""The ways in which networks are wrapped, made and called."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from .entry import B, Cost, Entry, floats, linear, norm, table, words

MLP = linear(8, 6) + linear(6, 3)


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))


def quietly(make: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    """Return the maker without torch's remarks on what it calls old."""

    def made() -> nn.Module:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make()

    return made


def on_meta() -> nn.Module:
    with torch.device("meta"):
        return nn.Sequential(nn.Linear(30_000, 30_000), nn.ReLU(), nn.Linear(30_000, 10))


class Named(nn.Module):
    """Takes keywords alone."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, *, x: Tensor, mask: Tensor) -> Tensor:
        return self.fc(input=x) * mask


@dataclass
class Batch:
    x: Tensor
    extra: dict[str, Tensor]


@dataclass
class Answer:
    scores: Tensor
    parts: tuple[Tensor, ...]


class Structured(nn.Module):
    """Takes a dict and returns a dataclass."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(8, 3), nn.Linear(4, 3)

    def forward(self, batch: dict[str, Tensor]) -> Answer:
        parts = self.left(batch["left"]), self.right(batch["right"])
        return Answer(parts[0] + parts[1], parts)


class TakesData(nn.Module):
    """Takes a dataclass and returns a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"y": self.fc(batch.x) + batch.extra["bias"]}


class TiedCoder(nn.Module):
    """Decodes by the weights it encodes with, turned round."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Linear(8, 4)
        self.bias = nn.Parameter(torch.zeros(8))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(self.encode(x).tanh(), self.encode.weight.T, self.bias)


class Twice(nn.Module):
    """One layer called twice, and another that is known by two names."""

    def __init__(self) -> None:
        super().__init__()
        self.again = nn.Linear(8, 8)
        self.first = nn.Linear(8, 3)
        self.second = self.first

    def forward(self, x: Tensor) -> Tensor:
        x = self.again(self.again(x).relu())
        return self.first(x) + self.second(x)


class Unused(nn.Module):
    """Holds lists and dicts of layers of which some never run, and a layer that is frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 5), nn.Linear(9, 9)])
        self.heads = nn.ModuleDict({"one": nn.Linear(8, 3), "other": nn.Linear(8, 4)})
        self.layers[0].requires_grad_(False)
        self.scales = nn.ParameterList([torch.ones(8), torch.ones(2)])

    def forward(self, x: Tensor) -> Tensor:
        return self.heads["one"](self.layers[0](x) * self.scales[0])


UNUSED = linear(8, 8) + Cost(linear(8, 5).params + linear(9, 9).params + linear(8, 4).params + 10)


class InPlace(nn.Module):
    """Writes over what it was given and what it made."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x += 1
        y = self.relu(self.fc(x)).mul_(2)
        y[:, :4] = x[:, 4:]
        return torch.add(y, x, out=torch.empty_like(y))


class Counts(nn.Module):
    """Changes a buffer, an attribute and a list each time it runs, and draws random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 3)
        self.register_buffer("steps", torch.zeros(()))
        self.calls, self.log = 0, []

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.steps += 1
        self.log.append(x)
        return self.fc(x + torch.randn_like(x))


class Frozen(nn.Module):
    """Its normalization is kept in training mode, so that each run changes its statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.norm = nn.Linear(8, 8), nn.BatchNorm1d(8)

    def forward(self, x: Tensor) -> Tensor:
        self.norm.train()
        return self.norm(self.fc(x))


def lazy() -> nn.Module:
    return nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2))


def normed() -> nn.Module:
    return nn.Sequential(parametrizations.weight_norm(nn.Linear(8, 3)))


def spectral() -> nn.Module:
    return nn.Sequential(parametrizations.spectral_norm(nn.Linear(8, 3)))


def orthogonal() -> nn.Module:
    return nn.Sequential(parametrizations.orthogonal(nn.Linear(8, 8), "cayley", use_trivialization=False))


def quantized() -> nn.Module:
    return torch.ao.quantization.quantize_dynamic(mlp(), {nn.Linear})


def compiled() -> nn.Module:
    return torch.compile(mlp(), backend="eager")


def exported() -> nn.Module:
    return torch.export.export(mlp(), floats((B, 8))()).module()


# A norm of the weights' spectrum is a product with a vector on each side: W·v, then u·(W·v).
SPECTRAL = Cost(0, 3 * 8 + 3)
# Conv of 3×3 over one channel of 6×6, then its four maps of 4×4.
LAZY = Cost(4 * 9 + 4, 16 * 4 * 9) + norm(4) + linear(64, 2)
X = floats((B, 8))


def structured() -> tuple[dict[str, Tensor]]:
    left, right = floats((B, 8), (B, 4))()
    return ({"left": left, "right": right},)


def dataclassed() -> tuple[Batch]:
    x, bias = floats((B, 8), (B, 3))()
    return (Batch(x, {"bias": bias}),)


ENTRIES = [
    Entry("mlp", mlp, X, MLP.called(B)),
    Entry("lazy", quietly(lazy), floats((B, 1, 6, 6)), LAZY.called(B), values="it learns its sizes"),
    Entry("weight norm", normed, X, (linear(8, 3) + Cost(3)).called(B)),
    Entry("spectral norm", spectral, X, linear(8, 3).called(B) + SPECTRAL, torch_misses=SPECTRAL.macs),
    Entry("quantized", quietly(quantized), X, MLP.called(B), values="its kernels want values",
          torch_misses=None),
    Entry("scripted", quietly(lambda: torch.jit.script(mlp())), X, MLP.called(B)),
    Entry("traced by jit", quietly(lambda: torch.jit.trace(mlp(), X())), X, MLP.called(B)),
    Entry("traced by fx", lambda: torch.fx.symbolic_trace(mlp()), X, MLP.called(B)),
    Entry("exported", quietly(exported), X, MLP.called(B)),
    Entry("compiled", quietly(compiled), X, MLP.called(B)),
    Entry("data parallel", lambda: nn.DataParallel(mlp()), X, MLP.called(B)),
    Entry("on meta", on_meta, lambda: (torch.empty(B, 30_000, device="meta"),),
          (linear(30_000, 30_000) + linear(30_000, 10)).called(B), large=True),
    Entry("keywords alone", Named, lambda: dict(zip(("x", "mask"), floats((B, 8), (B, 1))(), strict=True)),
          linear(8, 3).called(B)),
    Entry("dict in, dataclass out", Structured, structured, (linear(8, 3) + linear(4, 3)).called(B)),
    Entry("dataclass in, dict out", TakesData, dataclassed, linear(8, 3).called(B)),
    Entry("tied autoencoder", TiedCoder, X, (linear(8, 4) + Cost(8, 32)).called(B)),
    Entry("called twice", Twice, X, (linear(8, 8).called(2) + linear(8, 3).called(2)).called(B)),
    Entry("unused members", Unused, X, (UNUSED + linear(8, 3)).called(B)),
    Entry("in place", InPlace, X, linear(8, 8).called(B)),
    Entry("counts its calls", Counts, X, linear(8, 3).called(B)),
    Entry("norm kept in training", Frozen, X, (linear(8, 8) + norm(8)).called(B)),
    Entry("no parameters", nn.Softmax, lambda: (torch.rand(B, 8),), Cost()),
    Entry("embedding bag", lambda: nn.Sequential(nn.EmbeddingBag(20, 8), nn.Linear(8, 3)), words(20, (B, 5)),
          (table(20, 8) + linear(8, 3)).called(B)),
    Entry("bilinear", lambda: nn.Bilinear(3, 4, 5), floats((B, 3), (B, 4)),
          # each of 5 answers: the left input times 3×4 weights, then the right input
          Cost(60 + 5, B * (60 + 20)), torch_misses=B * 80),
]  # fmt: skip
