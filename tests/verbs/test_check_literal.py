"""What a proposal says can be typed in as it stands, and none that runs by chance is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnarch_nb import check
from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.trace import run


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


class Fused(nn.Module):
    """Attention with queries, keys and values in one layer, as vision transformers have it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.num_heads, self.qkv = heads, nn.Linear(width, 3 * width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, n, c = x.shape
        parts = self.qkv(x).reshape(b, n, 3, self.num_heads, c // self.num_heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        return ((q @ k.transpose(-2, -1)).softmax(-1) @ v).transpose(1, 2).reshape(b, n, c)


class Rotary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(32, 32)
        self.register_buffer("cos", torch.ones(16, 32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.lin(x) * self.cos[: x.shape[1]]


class Translator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.GRU(8, 16, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(8, 16, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dec(x, self.enc(x)[1])[0]


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down, self.pool, self.mid = nn.Conv2d(1, 4, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(4, 4, 1)
        self.up, self.out = nn.ConvTranspose2d(4, 4, 2, 2), nn.Conv2d(8, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.down(x)
        return self.out(torch.cat([self.up(self.mid(self.pool(first))), first], 1))


def attention(**more: int) -> nn.Module:
    layer = nn.MultiheadAttention(8, 2, batch_first=True, **more)
    return net(lambda self, q, k: self.m(q, k, k)[0], m=layer)


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
        "if they are pixels; the batch dimension is missing: x.unsqueeze(0) gives (1, 3, 8, 8)",
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
    # heads, positions, states, batches
    Case(
        "heads of fused attention",
        Fused(64, 5),
        z(2, 7, 64),
        "splits 64 features over 5 heads (num_heads), which leaves a rest; 1, 2, 4, 8, 16, 32, 64 heads",
        "num_heads=4, 16 features each",
    ),
    Case(
        "heads that divide the three in one",
        Fused(64, 3),
        z(2, 7, 64),
        "splits 64 features over 3 heads",
        "num_heads=2, 32 features each",
    ),
    Case(
        "rotary table",
        Rotary(),
        z(2, 20, 32),
        "cos of Rotary is made for 16 positions but the sequence has 20",
        "x[:, :16]",
        "missing",
    ),
    Case(
        "rotary table, of a shape",
        Rotary(),
        (20, 32),
        "cos of Rotary is made for 16 positions but the sequence has 20",
        "give cos 20 positions: the shape (20, 32)",
        "missing",
    ),
    Case(
        "table of positions that is not cut",
        net(lambda self, x: x + self.p, p=nn.Parameter(z(1, 32, 16))),
        z(2, 20, 16),
        "p of Net is made for 32 positions but the sequence has 20",
        "self.p[:, :20]",
        "skip",
    ),
    Case(
        "state of both directions",
        Translator(),
        z(2, 5, 8),
        "wants a first state of 1×2×16",
        "the sum of both directions: h.unflatten(0, (-1, 2)).sum(1)",
    ),
    Case(
        "zeros for the state",
        Translator(),
        z(2, 5, 8),
        "gets 2×2×16",
        "torch.zeros(1, 2, 16) for the first state, which throws away the state",
    ),
    Case(
        "batches of inputs",
        net(lambda self, a, b: a + b),
        (z(3, 4), z(2, 4)),
        "the inputs have batches of 3 and 2",
        "x[:2]",
        "skip",
    ),
    Case(
        "batches of attention",
        attention(),
        (z(3, 5, 8), z(2, 5, 8)),
        "a query of 3, a key of 2, a value of 2",
        "x[:2]",
    ),
    Case(
        "gate",
        net(lambda self, x: self.f(x) * self.g(x).sigmoid(), f=nn.Linear(8, 16), g=nn.Linear(8, 12)),
        z(2, 8),
        "mul in Net cannot join",
        "an nn.Linear(12, 16) on what sigmoid gives",
        "skip",
    ),
    Case("odd sides", UNet(), (1, 31, 31), "cannot join", "F.pad(x, (0, 1, 0, 1))", "whose sides 8 divides"),
    # targets, indices and masks
    Case(
        "targets of a binary loss",
        net(lambda self, x, y: F.binary_cross_entropy_with_logits(self.l(x), y), l=nn.Linear(4, 1)),
        (z(3, 4), ids(3)),
        "wants targets of float32, not int64 and one for each score, 3×1, not 3",
        "y.float().unsqueeze(-1)",
    ),
    Case(
        "index of fractions",
        net(lambda self, x, i: x.gather(1, i)),
        (z(3, 4), z(3, 1)),
        "gather in Net wants an index of whole numbers, not float32",
        "i.long()",
    ),
    Case(
        "mask of fractions",
        net(lambda self, x, m: self.l(x).masked_fill(m, 0), l=nn.Linear(4, 4)),
        (z(3, 4), z(3, 4)),
        "wants a mask of bool, not float32",
        "mask.bool()",
    ),
    Case(
        "labels from one",
        net(lambda self, x, y: F.cross_entropy(self.l(x), y), l=nn.Linear(4, 3)),
        (z(3, 4), torch.tensor([1, 2, 3])),
        "has scores for 3 classes, 0 to 2, but gets the label 3",
        "y - 1",
    ),
    Case(
        "a class too few",
        net(lambda self, x, y: F.cross_entropy(self.l(x), y), l=nn.Linear(4, 3)),
        (z(3, 4), torch.tensor([0, 1, 4])),
        "but gets the label 4",
        "give l out_features=5",
        "y - 1",
    ),
    Case(
        "label for none",
        net(lambda self, x, y: F.cross_entropy(self.l(x), y), l=nn.Linear(4, 3)),
        (z(3, 4), torch.tensor([0, 1, -1])),
        "but gets the label -1",
        "ignore_index=-1",
    ),
    Case(
        "row below zero",
        chain(nn.Embedding(10, 4)),
        torch.tensor([[1, -1]]),
        "has 10 rows, 0 to 9, but is asked for row -1",
        "x.clamp(min=0)",
    ),
    Case(
        "mask of other sizes",
        net(lambda self, x, m: self.l(x).masked_fill(m, 0), l=nn.Linear(4, 4)),
        (z(3, 4), z(3, 5).bool()),
        "masked_fill in Net cannot lay a mask of 3×5 (from input) over 3×4 (from l)",
        None,
    ),
    Case(
        "mask of samples over heads",
        net(lambda self, x, m: x.masked_fill(m, 0)),
        (z(3, 2, 5, 5), z(3, 5).bool()),
        "cannot lay a mask of 3×5",
        "mask[:, None, None] gives 3×1×1×5",
    ),
    Case(
        "keys of another width",
        attention(kdim=6, vdim=6),
        (z(3, 5, 8), z(3, 5, 8)),
        "m (MultiheadAttention) expects keys of 6 features but gets 8",
        "give m kdim=8, vdim=8",
    ),
    Case(
        "ids without an embedding",
        nn.Transformer(8, 2, 1, 1, 16, batch_first=True),
        (ids(2, 5), ids(2, 5)),
        "it needs an embedding before it",
        "an nn.Embedding(vocabulary, 8) before Transformer",
    ),
    # results and arguments
    Case(
        "argmax for scores",
        net(lambda self, x: self.l(x.flatten(1)).argmax(1), l=nn.Linear(16, 3)),
        digits(),
        "the number of a class from argmax, but the data asks for 3 scores",
        "return the scores, without the argmax; tried: the network then returns (1, 3)",
    ),
    Case(
        "argument left to None",
        net(lambda self, x, context=None: x + context.mean()),
        z(2, 3),
        "Net is called without context, which is None by default",
        None,
    ),
    Case("odd sides, cropped", UNet(), (1, 31, 31), "cannot join", "x[..., :30, :30]"),
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


def test_a_network_of_one_layer_ran_one_layer():
    text = check(nn.Linear(4, 2), (4,))._repr_mimebundle_()["text/plain"]
    assert "1 layer ran" in text


def test_the_trials_of_a_large_network_compute_nothing(monkeypatch):
    """The first run is repeated on values where it fails; each further one would cost as much again."""
    done = []
    real_run = run.real_run
    monkeypatch.setattr(run, "real_run", lambda *given: done.append(given) or real_run(*given))
    layers = [layer for _ in range(80) for layer in (nn.Conv2d(3, 3, 3, padding=1), nn.ReLU())]
    found = check(chain(nn.Conv2d(3, 3, 5, stride=2), *layers, nn.Conv2d(3, 3, 7)), (3, 12, 12))
    assert "a window of 7×7 but only 4×4 is left" in found.reason
    assert any("give an input of 3×17×17 or more" in text for text in (found.proposal, *found.alternatives))
    assert len(done) == 1
