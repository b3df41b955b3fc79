"""No false alarm: healthy networks pass without a word, and notes tell of traps alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnarch_nb import check


def net(forward: Any, **held: Any) -> nn.Module:
    """Return a network whose class has this forward, as a user would write it."""
    made = type("Net", (nn.Module,), {"forward": forward})()
    for name, value in held.items():
        setattr(made, name, value)
    return made


def chain(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers)


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, 3, stride, 1)
        self.norm = nn.BatchNorm2d(after)
        self.skip = nn.Conv2d(before, after, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.norm(self.conv(x)) + self.skip(x))


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, time, width = x.shape
        q, k, v = self.qkv(x).view(batch, time, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, time, width))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down, self.pool = nn.Conv2d(1, 8, 3, padding=1), nn.MaxPool2d(2)
        self.deep, self.up = nn.Conv2d(8, 16, 3, padding=1), nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(16, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        across = self.down(x)
        return self.out(torch.cat([across, self.up(self.deep(self.pool(across)))], 1))


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.rnn, self.fc = (
            nn.Embedding(50, 8),
            nn.LSTM(8, 6, batch_first=True, bidirectional=True),
            nn.Linear(12, 4),
        )

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.fc(self.rnn(self.words(words))[0])


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(50, 16), nn.Parameter(torch.zeros(1, 32, 16))
        self.body = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2, enable_nested_tensor=False
        )

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.body(self.embed(words) + self.place[:, : words.shape[1]]).mean(1)


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode, self.decode = nn.Linear(8, 4), nn.Linear(2, 8)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, spread = self.encode(x).chunk(2, -1)
        return self.decode(mean + spread.exp() * torch.randn_like(mean)), mean, spread


class Routed(nn.Module):
    """Values decide which way is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.a(x) if x.sum() > 0 else self.b(x)


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts = [nn.Linear(4, 4), nn.Linear(4, 4)]
        self.one, self.two = self.parts
        self.teacher = [nn.Linear(4, 4)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.two(self.one(x))


class Healthy(NamedTuple):
    name: str
    model: nn.Module
    inputs: Any
    output: Any
    kwargs: dict[str, Any] | None = None


def z(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


HEALTHY = [
    Healthy("mlp", chain(nn.Linear(4, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Linear(8, 2)), (4,), (1, 2)),
    Healthy(
        "cnn",
        chain(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2)),
        (1, 8, 8),
        (1, 2),
    ),
    Healthy("unbatched picture", chain(nn.Conv2d(3, 4, 3)), z(1, 3, 9, 9), (1, 4, 7, 7)),
    Healthy(
        "residual",
        chain(Block(3, 8, 2), Block(8, 8, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        (3, 16, 16),
        (1, 8),
    ),
    Healthy(
        "depthwise",
        chain(nn.Conv2d(4, 8, 3, groups=4, padding="same"), nn.Conv2d(8, 2, 1)),
        (4, 5, 5),
        (1, 2, 5, 5),
    ),
    Healthy("unet", UNet(), (1, 16, 16), (1, 1, 16, 16)),
    Healthy(
        "upsampling",
        chain(nn.Conv2d(1, 4, 1), nn.PixelShuffle(2), nn.Upsample(scale_factor=2)),
        (1, 4, 4),
        (1, 1, 16, 16),
    ),
    Healthy(
        "audio",
        chain(nn.Conv1d(1, 4, 9, 4), nn.GroupNorm(2, 4), nn.GELU(), nn.AdaptiveMaxPool1d(1)),
        (1, 400),
        (1, 4, 1),
    ),
    Healthy(
        "video", chain(nn.Conv3d(3, 4, 3), nn.BatchNorm3d(4), nn.AvgPool3d(2)), (3, 6, 8, 8), (1, 4, 2, 3, 3)
    ),
    Healthy(
        "time first by intent", net(lambda self, x: self.rnn(x)[0], rnn=nn.GRU(8, 4)), z(7, 2, 8), (7, 2, 4)
    ),
    Healthy("last step", net(lambda self, x: self.rnn(x)[0][-1], rnn=nn.GRU(8, 4)), z(7, 2, 8), (2, 4)),
    Healthy("tagger", Tagger(), (12,), (1, 12, 4)),
    Healthy("cell", nn.GRUCell(3, 4), (3,), (1, 4)),
    Healthy("states", nn.LSTM(3, 4, batch_first=True), (z(2, 5, 3), (z(1, 2, 4), z(1, 2, 4))), None),
    Healthy("attention", Attention(16, 4), (5, 16), (1, 5, 16)),
    Healthy("encoder", Encoder(), (20,), (1, 16)),
    Healthy(
        "translator", nn.Transformer(8, 2, 1, 1, 16, batch_first=True), (z(2, 5, 8), z(2, 3, 8)), (2, 3, 8)
    ),
    Healthy(
        "masked attention",
        net(lambda self, x, m: self.mix(x, x, x, m)[0], mix=nn.MultiheadAttention(8, 2, batch_first=True)),
        (z(2, 5, 8), z(2, 5).bool()),
        (2, 5, 8),
    ),
    Healthy("vae", VAE(), (8,), ((1, 8), (1, 2), (1, 2))),
    Healthy("values decide", Routed(), (4,), (1, 4)),
    Healthy(
        "by name",
        net(lambda self, x, scale=None: x * scale),
        {"x": z(1, 3)},
        (1, 3),
        {"scale": torch.ones(1)},
    ),
    Healthy("any name", net(lambda self, x, **more: x * 2), {"x": z(1, 3)}, (1, 3), {"labels": z(1)}),
    Healthy("dict", net(lambda self, x: {"a": x + 1, "b": x * 2}), (3,), ((1, 3), (1, 3))),
    Healthy(
        "siamese",
        net(lambda self, a, b: (self.fc(a) - self.fc(b)).abs(), fc=nn.Linear(3, 2)),
        (z(2, 3), z(2, 3)),
        (2, 2),
    ),
    Healthy("bag", nn.EmbeddingBag(9, 4), torch.tensor([[1, 2], [3, 4]]), (2, 4)),
    Healthy("half", chain(nn.Linear(4, 2).to(torch.bfloat16)), (4,), (1, 2)),
    Healthy("double", chain(nn.Linear(4, 2).double()), z(2, 4).double(), (2, 2)),
    Healthy("weight norm", chain(nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))), (4,), (1, 2)),
    Healthy("lazy", chain(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(2)), (4,), (1, 2)),
    Healthy("lists of what is held, and a teacher", Shared(), (4,), (1, 4)),
    Healthy(
        "windows", net(lambda self, x: x.unfold(2, 4, 4).unfold(3, 4, 4).flatten(0, 3)), (3, 8, 8), (12, 4, 4)
    ),
    Healthy("one number", chain(nn.Linear(4, 1), nn.Flatten(0)), (4,), (1,)),
    Healthy("pictures as sequences", chain(nn.Conv2d(3, 8, 4, 4), nn.Flatten(2)), (3, 16, 16), (1, 8, 16)),
    Healthy("complex", net(lambda self, x: torch.fft.rfft(x).abs()), (8,), (1, 5)),
    Healthy("in evaluation", chain(nn.Linear(3, 3), nn.BatchNorm1d(3)).eval(), z(1, 3), (1, 3)),
]


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
def test_a_healthy_network_passes_without_a_word(case):
    found = check(case.model, case.inputs, case.kwargs)
    assert (found.ok, found.reason, found.proposal) == (True, "", None)
    assert found.notes == ()
    if case.output is not None:
        assert found.output == case.output


class Unregistered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(4, 4), nn.Linear(4, 4)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers[1](self.layers[0](x))


def left_behind() -> nn.Module:
    model = nn.Sequential(nn.Linear(4, 2))
    model.mean = torch.zeros(2, device="meta")
    return model


class Takes(nn.Module):
    def forward(self, x: torch.Tensor, attention_mask: Any = None, **more: Any) -> torch.Tensor:
        return x * 2


@pytest.mark.parametrize(
    ("model", "inputs", "kwargs", "told"),
    [
        (
            Unregistered(),
            (4,),
            None,
            "layers of Unregistered is a plain list: its 2 layers with 40 parameters",
        ),
        (
            left_behind(),
            (4,),
            None,
            "mean of Sequential is a plain tensor on meta, which model.to() does not",
        ),
        (nn.Linear(4, 2, device="meta"), (4,), None, "Its weights are on meta, without values"),
        (
            chain(nn.Linear(3, 3), nn.BatchNorm1d(3)),
            z(1, 3),
            None,
            "In training 1 (BatchNorm1d) fails on this batch of one",
        ),
        (
            net(lambda self, x: self.rnn(x)[0][:, -1], rnn=nn.LSTM(8, 4)),
            z(4, 10, 8),
            None,
            "rnn (LSTM) takes time first: it read 4 steps of 10 samples",
        ),
        (
            chain(nn.Embedding(9, 8), nn.TransformerEncoderLayer(8, 2)),
            (12,),
            None,
            "1 (TransformerEncoderLayer) takes time first: it read 12 samples of one step each",
        ),
        (nn.GRU(8, 4), (10, 8), None, "GRU takes time first and read 10 samples of one step"),
        (Takes(), {"x": z(1, 3)}, {"attention_masks": z(1, 3)}, "attention_masks is no argument of Takes"),
        (
            chain(nn.Conv1d(3, 4, 3), nn.MaxPool2d(2)),
            (3, 20),
            None,
            "1 (MaxPool2d) takes 1×4×18 for one picture without a batch",
        ),
    ],
)
def test_a_trap_that_raises_no_error_is_noted(model, inputs, kwargs, told):
    found = check(model, inputs, kwargs)
    assert found.ok
    assert len(found.notes) == 1
    assert told in found.notes[0]
    assert told in found._repr_mimebundle_()["text/plain"]
