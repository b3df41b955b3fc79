"""Vision networks that came after ResNet, at their published sizes: thin, dense, or without convolutions.

Parameters and multiply-accumulates published: the tables of torchvision's documentation, as in ``vision``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .entry import B, Cost, Entry, conv, encoder_layer, floats, linear, norm
from .vision import PICTURE, plain

# Expansion, channels, repeats, first stride; and the side after it for a picture of 224.
MOBILE = [(1, 16, 1, 1, 112), (6, 24, 2, 2, 56), (6, 32, 3, 2, 28), (6, 64, 4, 2, 14),
          (6, 96, 3, 1, 14), (6, 160, 3, 2, 7), (6, 320, 1, 1, 7)]  # fmt: skip


def normed(given: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(given, out, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(out)]


class Inverted(nn.Sequential):
    """A block of MobileNetV2: wide in the middle, convolved channel by channel."""

    def __init__(self, given: int, out: int, stride: int, expansion: int) -> None:
        inner = given * expansion
        widen = [*normed(given, inner, 1), nn.ReLU6()] if expansion > 1 else []
        super().__init__(*widen, *normed(inner, inner, 3, stride, inner), nn.ReLU6(), *normed(inner, out, 1))
        self.residual = stride == 1 and given == out

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x) if self.residual else super().forward(x)


def mobilenet() -> nn.Module:
    layers, given = [*normed(3, 32, 3, 2), nn.ReLU6()], 32
    for expansion, out, repeats, stride, _ in MOBILE:
        for i in range(repeats):
            layers.append(Inverted(given, out, 1 if i else stride, expansion))
            given = out
    layers += [*normed(320, 1280, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Dropout(0.2), nn.Linear(1280, 1000))


def mobilenet_cost() -> Cost:
    total, given = plain(3, 32, 3, 112), 32
    for expansion, out, repeats, stride, side in MOBILE:
        for i in range(repeats):
            inner, before = given * expansion, side if i else side * stride
            total += plain(given, inner, 1, before) if expansion > 1 else Cost()
            total += plain(inner, inner, 3, side, inner) + plain(inner, out, 1, side)
            given = out
    return total + plain(320, 1280, 1, 7) + linear(1280, 1000)


class Dense(nn.Module):
    """A layer of DenseNet: it adds 32 channels to all that came before."""

    def __init__(self, given: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(given), nn.ReLU(), nn.Conv2d(given, 128, 1, bias=False),
            nn.BatchNorm2d(128), nn.ReLU(), nn.Conv2d(128, 32, 3, padding=1, bias=False),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.layers(x)], 1)


DENSE = (6, 12, 24, 16)


def densenet() -> nn.Module:
    layers: list[nn.Module] = [*normed(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    given = 64
    for block, many in enumerate(DENSE):
        layers += [Dense(given + 32 * i) for i in range(many)]
        given += 32 * many
        layers += [nn.BatchNorm2d(given), nn.ReLU()]
        if block < 3:
            layers += [nn.Conv2d(given, given // 2, 1, bias=False), nn.AvgPool2d(2)]
            given //= 2
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(given, 1000))


def densenet_cost() -> Cost:
    total, given = plain(3, 64, 7, 112), 64
    for block, many in enumerate(DENSE):
        side = 56 >> block
        for _ in range(many):
            total += norm(given) + plain(given, 128, 1, side) + conv(128, 32, 9, side**2, bias=False)
            given += 32
        total += norm(given)
        if block < 3:
            total += conv(given, given // 2, 1, side**2, bias=False)
            given //= 2
    return total + linear(given, 1000)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.scale = nn.Parameter(torch.full((width, 1, 1), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        y = self.mlp(self.norm(self.depthwise(x).permute(0, 2, 3, 1)))
        return x + self.scale * y.permute(0, 3, 1, 2)


class ChannelNorm(nn.LayerNorm):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


NEXT = [(96, 3, 56), (192, 3, 28), (384, 9, 14), (768, 3, 7)]


def convnext() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 96, 4, 4), ChannelNorm(96)]
    for i, (width, many, _) in enumerate(NEXT):
        layers += [ChannelNorm(width // 2), nn.Conv2d(width // 2, width, 2, 2)] if i else []
        layers += [ConvNeXtBlock(width) for _ in range(many)]
    layers += [nn.AdaptiveAvgPool2d(1), ChannelNorm(768), nn.Flatten(), nn.Linear(768, 1000)]
    return nn.Sequential(*layers)


def convnext_cost() -> Cost:
    total = conv(3, 96, 16, 56**2) + norm(96)
    for i, (width, many, side) in enumerate(NEXT):
        total += norm(width // 2) + conv(width // 2, width, 4, side**2) if i else Cost()
        mlp = linear(width, 4 * width, side**2) + linear(4 * width, width, side**2)
        total += (conv(width, width, 49, side**2, width) + norm(width) + mlp + Cost(width)) * many
    return total + norm(768) + linear(768, 1000)


class ViT(nn.Module):
    """A vision transformer whose encoder is torch's own."""

    def __init__(self, side: int, patch: int, width: int, depth: int, heads: int, classes: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.zeros(1, (side // patch) ** 2 + 1, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.places
        return self.head(self.norm(self.encoder(x))[:, 0])


def vit_cost(side: int, patch: int, width: int, depth: int, classes: int) -> Cost:
    many = (side // patch) ** 2
    embedded = conv(3, width, patch**2, many) + Cost(width + (many + 1) * width)
    layers = encoder_layer(width, 4 * width, many + 1) * depth
    return embedded + layers + norm(width) + linear(width, classes)


ENTRIES = [
    Entry("mobilenet v2", mobilenet, PICTURE, mobilenet_cost(), published=(3_504_872, 0.301)),
    Entry("densenet-121", densenet, PICTURE, densenet_cost(), published=(7_978_856, 2.834), large=True),
    Entry("convnext tiny", convnext, PICTURE, convnext_cost(), published=(28_589_128, 4.456), large=True),
    Entry(
        "vit-b/16", lambda: ViT(224, 16, 768, 12, 12, 1000), PICTURE, vit_cost(224, 16, 768, 12, 1000),
        published=(86_567_656, 17.564), large=True,
    ),
    Entry(
        "vit, small", lambda: ViT(16, 4, 24, 2, 3, 5), floats((B, 3, 16, 16)),
        vit_cost(16, 4, 24, 2, 5).called(B),
    ),
]  # fmt: skip
