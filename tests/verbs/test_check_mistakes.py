"""Seeded mistakes: each is told in the field's words, and each proposal that must appear was tried."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnarch_nb import check


def net(forward: Any, kind: str = "Net", **held: Any) -> nn.Module:
    """Return a network whose class has this forward, as a user would write it."""
    made = type(kind, (nn.Module,), {"forward": forward})()
    for name, value in held.items():
        setattr(made, name, value)
    return made


def chain(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers)


class Attention(nn.Module):
    """Attention as in many notebooks."""

    def __init__(self, width: int, heads: int, turned: bool = True) -> None:
        super().__init__()
        self.n_heads, self.head_dim, self.turned = heads, width // heads, turned
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))

    def split(self, x: torch.Tensor) -> torch.Tensor:
        batch, time, _ = x.shape
        return x.view(batch, time, self.n_heads, self.head_dim).transpose(1, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (self.split(part(x)) for part in (self.q, self.k, self.v))
        scores = q @ (k.transpose(-2, -1) if self.turned else k)
        mixed = (scores / math.sqrt(self.head_dim)).softmax(-1) @ v
        return mixed.transpose(1, 2).flatten(2)


class Residual(nn.Module):
    def __init__(self, before: int, after: int, stride: int = 1, padding: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding)
        self.conv2 = nn.Conv2d(after, after, 3, 1, padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv2(torch.relu(self.conv1(x))) + x)


class Pyramid(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pool, self.conv, self.up = (
            nn.MaxPool2d(2),
            nn.Conv2d(1, 4, 3, padding=1),
            nn.Upsample(scale_factor=2),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        across = self.conv(x)
        return torch.cat([across, self.up(self.pool(across))], 1)


def pools(n: int) -> list[nn.Module]:
    return [nn.MaxPool2d(2) for _ in range(n)]


def positions() -> nn.Module:
    held = {"words": nn.Embedding(50, 8), "pos": nn.Parameter(torch.zeros(1, 16, 8))}
    return net(lambda self, x: self.words(x) + self.pos[:, : x.shape[1]], **held)


def lstm(**more: Any) -> nn.LSTM:
    return nn.LSTM(8, 4, batch_first=True, **more)


def scaled() -> nn.Module:
    model = net(lambda self, x: self.fc(x) * self.scale, fc=nn.Linear(3, 3))
    model.scale = torch.ones(3, device="meta")
    return model


def sides(self: nn.Module, x: torch.Tensor) -> torch.Tensor:
    batch, channels, height, width = x.shape
    return x.reshape(batch, channels, height * width)


def silent() -> nn.Module:
    return chain(net(lambda self, x: None, "Block"), nn.Linear(3, 3))


class Unmade(nn.Module):
    def __init__(self) -> None:
        self.width = 3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def within() -> nn.Module:
    return net(lambda self, x: self.block(x), block=Unmade())


class Mistake(NamedTuple):
    name: str
    model: nn.Module
    inputs: Any
    told: str
    mended: str | None
    kwargs: dict[str, Any] | None = None


def z(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


HEAD = (nn.Flatten(), nn.Linear(64, 2))
CONV = nn.Conv2d(3, 4, 3)
MISTAKES = [
    # the right numbers in the wrong dimension
    Mistake("nhwc", chain(CONV), z(2, 9, 9, 3), "expects 3 channels but gets 9", "x.permute(0, 3, 1, 2)"),
    Mistake(
        "nhwc as a shape", chain(CONV), (9, 9, 3), "expects 3 channels but gets 9", "x.permute(0, 3, 1, 2)"
    ),
    Mistake("hwc of one sample", chain(CONV), z(9, 9, 3), "3 channels but gets 9", "x.permute(2, 0, 1)"),
    Mistake(
        "video",
        chain(nn.Conv3d(3, 4, 3)),
        z(2, 5, 9, 9, 3),
        "3 channels but gets 5",
        "x.permute(0, 4, 1, 2, 3)",
    ),
    Mistake(
        "frames first",
        chain(nn.Conv3d(3, 4, 3)),
        z(2, 5, 3, 9, 9),
        "3 channels but gets 5",
        "x.transpose(1, 2)",
    ),
    Mistake(
        "time before channels",
        chain(nn.Conv1d(16, 8, 3)),
        z(2, 50, 16),
        "16 channels but gets 50",
        "x.transpose(1, 2)",
    ),
    Mistake(
        "embedding to conv1d",
        chain(nn.Embedding(99, 16), nn.Conv1d(16, 8, 3)),
        (50,),
        "1 (Conv1d) expects 16 channels but gets 50",
        "x.transpose(1, 2) before 1 gives 1×16×50",
    ),
    Mistake(
        "conv1d to lstm",
        chain(nn.Conv1d(3, 8, 3), lstm()),
        z(2, 3, 20),
        "1 (LSTM) expects 8 features but gets 18",
        "x.transpose(1, 2) before 1",
    ),
    Mistake(
        "channels last norm",
        chain(CONV, nn.LayerNorm(4)),
        (3, 9, 9),
        "1 (LayerNorm) expects 4 features but gets 7",
        "x.permute(0, 2, 3, 1) before 1",
    ),
    # dimensions too few or too many
    Mistake(
        "no channel",
        chain(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2)),
        (8, 8),
        "2 (Linear) expects 144 features",
        "becomes (1, 8, 8)",
    ),
    Mistake(
        "no batch",
        chain(CONV, nn.Flatten(), nn.Linear(196, 2)),
        z(3, 9, 9),
        "196 features",
        "the batch dimension is missing",
    ),
    Mistake(
        "frames to conv2d",
        chain(CONV),
        z(2, 5, 3, 9, 9),
        "takes 3 or 4 dimensions, a picture, but gets 5",
        "x.flatten(0, 1)",
    ),
    Mistake(
        "one too many", chain(nn.Conv1d(3, 8, 3)), z(2, 3, 1, 9), "takes 2 or 3 dimensions", "x.squeeze(2)"
    ),
    Mistake(
        "batchnorm1d on pictures",
        chain(CONV, nn.BatchNorm1d(4)),
        (3, 9, 9),
        "1 (BatchNorm1d) takes 2 or 3 dimensions",
        "an nn.BatchNorm2d(4) for 1",
    ),
    Mistake(
        "batchnorm2d on rows",
        chain(nn.Linear(3, 8), nn.BatchNorm2d(8)),
        (3,),
        "1 (BatchNorm2d) takes 4 dimensions",
        "an nn.BatchNorm1d(8) for 1",
    ),
    Mistake(
        "sizes unpacked",
        net(sides),
        z(3, 8, 8),
        "takes 4 sizes from a shape",
        "the batch dimension is missing",
    ),
    Mistake("grey to colour", chain(CONV), (1, 9, 9), "3 channels but gets 1", "x.expand(-1, 3, -1, -1)"),
    Mistake(
        "colour to grey",
        chain(nn.Conv2d(1, 4, 3)),
        (3, 9, 9),
        "1 channels but gets 3",
        "x.mean(1, keepdim=True)",
    ),
    Mistake("transparency", chain(CONV), (4, 9, 9), "3 channels but gets 4", "x[:, :3]"),
    # types
    Mistake(
        "double",
        chain(nn.Linear(4, 2)),
        z(2, 4).double(),
        "weights of float32 but gets numbers of float64",
        "x.to(torch.float32)",
    ),
    Mistake(
        "half weights",
        chain(nn.Linear(4, 2).half()),
        z(2, 4),
        "weights of float16 but gets numbers of float32",
        "x.to(torch.float16)",
    ),
    Mistake("bytes", chain(CONV), z(2, 3, 9, 9).byte(), "numbers of uint8", "x.float() / 255"),
    Mistake("whole numbers", chain(nn.Linear(4, 2)), z(2, 4).int(), "numbers of int32", "x.float()"),
    Mistake("mask of bool as input", chain(nn.Linear(4, 2)), z(2, 4).bool(), "numbers of bool", "x.float()"),
    Mistake(
        "fractions to embedding",
        chain(nn.Embedding(9, 4)),
        z(2, 5),
        "looks up rows by whole numbers but gets float32",
        "x.long()",
    ),
    Mistake(
        "double within",
        net(lambda self, x: self.fc(x * torch.ones(4, dtype=torch.float64)), fc=nn.Linear(4, 2)),
        z(2, 4),
        "fc (Linear) has weights of float32 but gets numbers of float64, made by mul",
        "x.float() before fc",
    ),
    Mistake(
        "complex",
        net(lambda self, x: self.fc(torch.fft.fft(x)), fc=nn.Linear(4, 2)),
        z(2, 4),
        "complex64",
        "x.abs() before fc",
    ),
    Mistake(
        "mask of numbers",
        net(lambda self, x, m: x.masked_fill(m, 0)),
        (z(2, 4), z(2, 4).long()),
        "wants a mask of bool, not int64",
        "mask.bool()",
    ),
    Mistake(
        "attention mask",
        net(lambda self, x, m: self.mix(x, x, x, m)[0], mix=nn.MultiheadAttention(8, 2, batch_first=True)),
        (z(2, 5, 8), z(2, 5).long()),
        "mix (MultiheadAttention) wants a mask of bool",
        "mask.bool()",
    ),
    Mistake(
        "labels of floats",
        net(lambda self, x, y: F.cross_entropy(x, y)),
        (z(2, 3), z(2)),
        "wants labels of whole numbers",
        "y.long()",
    ),
    Mistake(
        "labels in a column",
        net(lambda self, x, y: F.cross_entropy(x, y)),
        (z(2, 3), z(2, 1).long()),
        "wants one label a sample",
        "y.squeeze(1)",
    ),
    # devices
    Mistake(
        "weights apart",
        chain(nn.Linear(3, 3), nn.Linear(3, 3, device="meta")),
        z(1, 3),
        "1 is on meta, the other weights on cpu",
        "1.to_empty(device='cpu')",
    ),
    Mistake(
        "input apart",
        chain(nn.Linear(3, 3)),
        torch.zeros(1, 3, device="meta"),
        "weights on cpu but gets an input on meta",
        "x.to('cpu')",
    ),
    Mistake(
        "weights without values",
        chain(nn.Linear(3, 3, device="meta"), nn.Linear(3, 2, device="meta")),
        z(1, 3),
        "the weights are on meta, without values, and the input is on cpu",
        "model.to_empty(device='cpu'), then load its weights",
    ),
    Mistake(
        "plain tensor",
        scaled(),
        z(1, 3),
        "scale of Net is a plain tensor on meta, which model.to() does not move",
        "self.register_buffer('scale', scale)",
    ),
    Mistake(
        "made in forward",
        net(lambda self, x: x + torch.ones(3, device="meta")),
        z(1, 3),
        "the one that the code makes needs device=x.device",
        "make the tensor with device=x.device",
    ),
    # sizes of layers
    Mistake(
        "linear",
        chain(nn.Linear(4, 8), nn.Linear(9, 2)),
        (4,),
        "1 (Linear) expects 9 features but gets 8",
        "give 1 in_features=8",
    ),
    Mistake(
        "transposed convolution",
        chain(CONV, nn.ConvTranspose2d(8, 4, 2)),
        (3, 9, 9),
        "1 (ConvTranspose2d) expects 8 channels but gets 4",
        "give 1 in_channels=4",
    ),
    Mistake(
        "groupnorm",
        chain(CONV, nn.GroupNorm(4, 16)),
        (3, 9, 9),
        "1 (GroupNorm) expects 16 channels but gets 4",
        "give 1 num_channels=4",
    ),
    Mistake(
        "instancenorm",
        chain(CONV, nn.InstanceNorm2d(8, affine=True)),
        (3, 9, 9),
        "expects 8 channels but gets 4",
        "give 1 num_features=4",
    ),
    Mistake(
        "layernorm",
        chain(nn.Linear(3, 8), nn.LayerNorm(16)),
        (3,),
        "1 (LayerNorm) expects 16 features but gets 8",
        "give 1 normalized_shape=8",
    ),
    Mistake(
        "layernorm of pictures",
        chain(CONV, nn.LayerNorm([4, 9, 9])),
        (3, 9, 9),
        "made for last sizes of 4×9×9 but gets 4×7×7",
        "normalized_shape=(4, 7, 7)",
    ),
    Mistake("lstm", lstm(), z(2, 5, 9), "LSTM expects 8 features but gets 9", "give LSTM input_size=9"),
    Mistake(
        "gru cell", chain(nn.GRUCell(8, 4)), z(2, 9), "expects 8 features but gets 9", "give 0 input_size=9"
    ),
    Mistake(
        "bilinear",
        net(lambda self, x: self.mix(x, x), mix=nn.Bilinear(4, 5, 3)),
        z(2, 4),
        "expects 5 features in input 2 but gets 4",
        "give mix in2_features=4",
    ),
    Mistake(
        "attention width",
        net(lambda self, x: self.mix(x, x, x)[0], mix=nn.MultiheadAttention(8, 2)),
        z(2, 5, 16),
        "mix (MultiheadAttention) expects 8 features but gets 16",
        "give mix embed_dim=16",
    ),
    Mistake(
        "transformer width",
        chain(nn.Linear(4, 16), nn.TransformerEncoderLayer(32, 4, batch_first=True)),
        z(2, 5, 4),
        "expects 32 features but gets 16",
        "an nn.Linear(16, 32) before 1",
    ),
    Mistake(
        "encoder width",
        chain(nn.Linear(4, 8), nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, batch_first=True), 2)),
        z(2, 5, 4),
        "1.layers.0.self_attn (MultiheadAttention) expects 16 features but gets 8",
        "an nn.Linear(8, 16) before 1;",
    ),
    Mistake(
        "grey rows",
        chain(CONV),
        (9, 9),
        "0 (Conv2d)",
        "the channel is missing: (9, 9) becomes (1, 9, 9); grey",
    ),
    Mistake(
        "odd gates", chain(nn.Linear(3, 5), nn.GLU()), (3,), "halves its 5 channels", "give 0 out_features=6"
    ),
    Mistake(
        "weight norm",
        chain(nn.utils.parametrizations.weight_norm(nn.Linear(9, 2))),
        (4,),
        "expects 9 features but gets 4",
        "give 0 in_features=4",
    ),
    # recurrent layers
    Mistake(
        "tuple to linear",
        chain(lstm(), nn.Linear(4, 2)),
        z(2, 5, 8),
        "0 (LSTM) returns a tuple: its output and the last state",
        "0(…)[0]",
    ),
    Mistake(
        "tuple indexed",
        net(lambda self, x: self.fc(self.rnn(x)[:, -1]), rnn=lstm(), fc=nn.Linear(4, 2)),
        z(2, 5, 8),
        "rnn (LSTM) returns a tuple",
        "rnn(…)[0]",
    ),
    Mistake(
        "tuple's method",
        net(lambda self, x: self.rnn(x).relu(), rnn=nn.GRU(8, 4)),
        z(2, 5, 8),
        "rnn (GRU) returns a tuple",
        "rnn(…)[0]",
    ),
    Mistake(
        "tuple added",
        net(lambda self, x: x + self.mix(x, x, x), mix=nn.MultiheadAttention(8, 2)),
        z(2, 5, 8),
        "returns a tuple: its output and the weights of attention",
        "mix(…)[0]",
    ),
    Mistake(
        "both directions",
        net(lambda self, x: self.fc(self.rnn(x)[0]), rnn=lstm(bidirectional=True), fc=nn.Linear(4, 2)),
        z(2, 5, 8),
        "rnn is bidirectional and returns both directions",
        "give fc in_features=8",
    ),
    Mistake(
        "state batch first",
        net(lambda self, x: self.rnn(x, (z(2, 1, 4), z(2, 1, 4)))[0], rnn=lstm()),
        z(2, 5, 8),
        "wants a first state of 1×2×4 (layers·directions, batch, hidden size) but gets 2×1×4",
        "h.transpose(0, 1).contiguous()",
    ),
    Mistake(
        "one state",
        net(lambda self, x: self.rnn(x, z(1, 2, 4))[0], rnn=lstm()),
        z(2, 5, 8),
        "LSTM wants a pair (h, c)",
        "rnn(x, (h, torch.zeros_like(h)))",
    ),
    Mistake(
        "two states",
        net(lambda self, x: self.rnn(x, (z(1, 2, 4), z(1, 2, 4)))[0], rnn=nn.GRU(8, 4, batch_first=True)),
        z(2, 5, 8),
        "GRU wants h alone",
        "rnn(x, h)",
    ),
    Mistake(
        "index",
        chain(nn.Embedding(10, 4)),
        torch.tensor([[3, 12]]),
        "has 10 rows, 0 to 9, but is asked for row 12",
        "give 0 num_embeddings=13",
    ),
    Mistake(
        "positions",
        positions(),
        (20,),
        "pos of Net is made for 16 positions but the sequence has 20",
        "give pos 20 positions: the shape (1, 20, 8)",
    ),
    # attention
    Mistake(
        "heads",
        chain(nn.Linear(4, 16), Attention(16, 3)),
        z(2, 5, 4),
        "splits 16 features over 3 heads (n_heads), which leaves a rest; 1, 2, 4, 8, 16 heads would do",
        "n_heads=2, 8 features each",
    ),
    Mistake(
        "keys not turned",
        Attention(16, 2, turned=False),
        z(2, 5, 16),
        "8 columns meet 5 rows",
        ".transpose(-2, -1)",
    ),
    Mistake(
        "query alone",
        net(lambda self, x: self.mix(x)[0], mix=nn.MultiheadAttention(8, 2)),
        z(2, 5, 8),
        "is called without key and value",
        "mix(x, x, x)",
    ),
    Mistake(
        "mask turned",
        net(lambda self, x, m: self.mix(x, x, x, m)[0], mix=nn.MultiheadAttention(8, 2, batch_first=True)),
        (z(2, 5, 8), z(5, 2).bool()),
        "mix (MultiheadAttention) wants a key_padding_mask of 2×5 (batch, sequence) but gets 5×2",
        "mask.T",
    ),
    Mistake(
        "mask too small",
        net(lambda self, x, m: self.mix(x, x, x, attn_mask=m)[0], mix=nn.MultiheadAttention(8, 2)),
        (z(5, 2, 8), z(4, 4).bool()),
        "wants an attn_mask of 5×5 (targets, sources) but gets 4×4",
        None,
    ),
    # branches
    Mistake(
        "skip lacks channels",
        Residual(4, 8),
        (4, 9, 9),
        "cannot join 1×8×9×9 (from conv2) and 1×4×9×9 (from input)",
        "nn.Conv2d(4, 8, 1) on what input gives",
    ),
    Mistake(
        "skip lacks a stride", Residual(4, 8, 2), (4, 9, 9), "cannot join", "nn.Conv2d(4, 8, 1, stride=2)"
    ),
    Mistake(
        "skip of equal channels", Residual(4, 4, 2), (4, 8, 8), "cannot join", "nn.Conv2d(4, 4, 1, stride=2)"
    ),
    Mistake(
        "borders lost",
        Residual(4, 4, padding=0),
        (4, 9, 9),
        "cannot join 1×4×5×5",
        "give conv1 and conv2 padding=1",
    ),
    Mistake(
        "skip of rows",
        net(lambda self, x: x + self.fc(x), fc=nn.Linear(4, 6)),
        (4,),
        "cannot join",
        "nn.Linear(4, 6)",
    ),
    Mistake(
        "joined along the batch",
        net(lambda self, x: torch.cat([x, x[:, :3]])),
        z(2, 4),
        "cat in Net cannot join 2×4",
        "torch.cat(…, dim=1)",
    ),
    Mistake(
        "row to picture",
        net(lambda self, x, y: torch.cat([x, y], 1)),
        (z(2, 4, 3, 3), z(2, 5)),
        "cannot join 2×4×3×3",
        "x[:, :, None, None].expand(-1, -1, 3, 3)",
    ),
    Mistake("odd sides", Pyramid(), (1, 31, 31), "1×4×30×30 (from up)", "give an input of 1×32×32"),
    # reshapes
    Mistake(
        "batch written in",
        net(lambda self, x: self.fc(x.view(4, 16)), fc=nn.Linear(16, 2)),
        z(2, 4, 4),
        "the batch size 4 is written in, the batch here is 2",
        "x.view(x.size(0), 16)",
    ),
    Mistake(
        "batch in the features",
        net(lambda self, x: self.fc(x.flatten()), fc=nn.Linear(16, 2)),
        z(2, 4, 4),
        "mixes the batch into the features",
        "x.flatten(1) in the place of flatten gives 2×16",
    ),
    Mistake(
        "batch split",
        net(lambda self, x: self.fc(x.view(4, -1)), fc=nn.Linear(16, 2)),
        z(2, 4, 4),
        "view makes 4×8 of 2×4×4",
        "x.flatten(1)",
    ),
    Mistake(
        "features written in",
        net(
            lambda self, x: self.fc(self.conv(x).view(-1, 100)), conv=nn.Conv2d(1, 4, 3), fc=nn.Linear(100, 2)
        ),
        (1, 9, 9),
        "cannot make (-1, 100) from 1×4×7×7 = 196",
        "x.flatten(1) in the place of view(-1, 100)",
    ),
    Mistake(
        "no flatten",
        chain(nn.Conv2d(1, 4, 3), nn.Linear(99, 2)),
        (1, 9, 9),
        "expects 99 features but gets 7",
        "a Flatten() before 1 gives 4·7·7 = 196, and give 1 in_features=196",
    ),
    Mistake(
        "order in memory",
        net(lambda self, x: x.transpose(1, 2).view(2, -1)),
        z(2, 4, 5),
        "after a transpose or permute",
        ".reshape in the place of .view",
    ),
    Mistake(
        "dimension",
        net(lambda self, x: torch.softmax(x, 2)),
        (3,),
        "is asked for dimension 2, but 1×3 has only 0 to 1",
        "dim=-1",
    ),
    Mistake(
        "permute",
        net(lambda self, x: x.permute(0, 2, 3, 1)),
        z(3, 4, 5),
        "orders 4 dimensions, (0, 2, 3, 1), but 3×4×5 has 3",
        "the batch dimension is missing",
    ),
    Mistake(
        "one sample alone",
        net(lambda self, x: self.fc(x.view(1, -1)), fc=nn.Linear(16, 2)),
        (4, 4),
        "It takes one sample but not two: fc (Linear) expects 16 features but gets 32",
        "x.flatten(1) in the place of view gives 2×16",
    ),
    Mistake(
        "flatten of all",
        net(lambda self, x: self.fc(torch.flatten(x)), fc=nn.Linear(16, 2)),
        (4, 4),
        "It takes one sample but not two: fc",
        "x.flatten(1) in the place of flatten gives 2×16",
    ),
    Mistake(
        "batch of one written in",
        net(lambda self, x: self.fc(x.view(1, 16)), fc=nn.Linear(16, 2)),
        (4, 4),
        "the batch size 1 is written in",
        "x.view(x.size(0), 16)",
    ),
    # pictures too small
    Mistake(
        "poolings",
        chain(*pools(5)),
        (3, 8, 8),
        "has a window of 2×2 but only 1×1 is left of 8×8 after 3 steps",
        "give an input of 3×32×32 or more",
    ),
    Mistake(
        "kernel",
        chain(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 5)),
        (1, 5, 5),
        "1 (Conv2d) has a window of 5×5 but only 3×3 is left",
        "give 1 padding=2",
    ),
    Mistake(
        "function's window",
        net(lambda self, x: F.max_pool2d(F.max_pool2d(x, 2), 4)),
        (1, 6, 6),
        "max_pool2d in Net has a window of 4×4 but only 3×3 is left",
        "give an input of 1×8×8",
    ),
    Mistake(
        "made for larger pictures",
        chain(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 13 * 13, 2)),
        (1, 20, 20),
        "expects 676 features but gets 324 = 4·9·9",
        "give an input of 1×28×28",
    ),
    Mistake(
        "padding",
        chain(nn.ReflectionPad2d(5)),
        (3, 4, 4),
        "0 (ReflectionPad2d) pads by more than the 4×4 that is left",
        "give an input of 3×6×6 or more",
    ),
    # calls that Python refuses
    Mistake(
        "forward misspelt",
        type("Net", (nn.Module,), {"foward": lambda self, x: x * 2})(),
        (3,),
        "Net defines no forward: there is a method foward",
        "rename foward to forward",
    ),
    Mistake(
        "list called",
        chain(nn.Linear(3, 4), nn.ModuleList([nn.Linear(4, 4), nn.ReLU()])),
        (3,),
        "1 (ModuleList) only holds layers and cannot be called",
        "an nn.Sequential for the ModuleList 1",
    ),
    Mistake(
        "argument missing",
        net(lambda self, x, mask: x * mask),
        (3,),
        "is called without mask, which forward(x, mask) needs",
        None,
    ),
    Mistake(
        "argument too many",
        chain(nn.Linear(3, 2)),
        (z(1, 3), z(1, 3)),
        "Sequential is given 2 arguments, but forward(input) takes 1",
        "call Sequential with its first argument alone",
    ),
    Mistake(
        "argument misspelt",
        net(lambda self, x, attention_mask=None: x * 2),
        {"x": z(1, 3)},
        "has no argument attention_masks",
        "give attention_masks as attention_mask",
        {"attention_masks": z(1, 3)},
    ),
    Mistake(
        "no super",
        Unmade(),
        (3,),
        "Unmade is no network yet: its __init__ has to call super().__init__()",
        None,
    ),
    Mistake("no super within", within(), (3,), "block (Unmade) is no network yet", None),
    Mistake(
        "no return",
        net(lambda self, x: None),
        (3,),
        "the forward of Net returns None: it lacks a return",
        None,
    ),
    Mistake("no return within", silent(), (3,), "0 (Block) returns None, which 1 (Linear) is given", None),
    Mistake(
        "attribute",
        net(lambda self, x: self.fc2(x), fc1=nn.Linear(3, 3)),
        (3,),
        "uses self.fc2, which __init__ does not set; fc1 is near",
        "self.fc1 for self.fc2",
    ),
]


def state(model: nn.Module) -> list[Any]:
    """Return all that a trial could leave behind: weights, attributes, children, hooks."""
    found: list[Any] = [torch.get_rng_state().tolist()]
    waiting = [model]
    while waiting:
        module = waiting.pop()
        inner = vars(module)
        for name, value in inner.items():
            found.append((name, list(map(id, value.values())) if isinstance(value, dict) else id(value)))
        waiting += [child for child in inner.get("_modules", {}).values() if child is not None]
    return found


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_told_and_mended(mistake):
    before = state(mistake.model)
    found = check(mistake.model, mistake.inputs, mistake.kwargs)
    assert state(mistake.model) == before
    assert not found.ok
    assert mistake.told in found.reason
    assert "\n" not in found.reason
    shown = [text for text in (found.proposal, *found.alternatives) if text]
    if mistake.mended is None:
        assert not shown
    else:
        assert any(mistake.mended in text for text in shown), shown
        assert all("tried: the network then returns" in text for text in shown)


def test_what_a_network_says_of_itself_is_shown_as_text():
    model = net(lambda self, x: self.fc(x) + "<b>bold</b>", fc=nn.Linear(3, 3))
    model.add_module("<i>", nn.Linear(4, 4))
    type(model).__name__ = "<script>"
    found = check(model, (3,))
    forms = found._repr_mimebundle_()
    assert "<b>bold</b>" in found.line
    assert "&lt;script&gt;" in forms["text/html"]
    assert not any(tag in forms["text/html"] for tag in ("<script", "<b>bold", "<i>"))


def test_a_finding_keeps_nothing_of_the_network():
    model = Attention(16, 3)
    found = check(model, z(2, 5, 16))
    kept, model = weakref.ref(model), None
    gc.collect()
    assert kept() is None
    assert found.proposal is not None
