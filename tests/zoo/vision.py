"""Convolutional networks that have a name, at their published sizes, and a vision transformer.

Parameters and multiply-accumulates published: the tables of torchvision's documentation ("GFLOPS" there
are multiply-accumulates). The definitions are our own, so that torchvision is not needed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .entry import B, Cost, Entry, conv, encoder_layer, floats, linear, norm

PICTURE = floats((1, 3, 224, 224))


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def article() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def alexnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.AdaptiveAvgPool2d(6), nn.Flatten(),
        nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(inplace=True),
        nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, 1000),
    )  # fmt: skip


VGG = [(3, 64, 224), (64, 64, 224), (64, 128, 112), (128, 128, 112), (128, 256, 56), (256, 256, 56),
       (256, 256, 56), (256, 512, 28), (512, 512, 28), (512, 512, 28), (512, 512, 14), (512, 512, 14),
       (512, 512, 14)]  # fmt: skip


def vgg() -> nn.Module:
    layers: list[nn.Module] = []
    for (given, out, side), after in zip(VGG, [*(row[2] for row in VGG[1:]), 7], strict=True):
        layers += [nn.Conv2d(given, out, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)] if after < side else []
    head = [nn.Flatten(), nn.Linear(25088, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()]
    return nn.Sequential(*layers, *head, nn.Linear(4096, 1000))


class Residual(nn.Module):
    """A block of ResNet: two convolutions of 3×3, or a bottleneck where ``expansion`` is 4."""

    def __init__(self, given: int, width: int, stride: int, expansion: int) -> None:
        super().__init__()
        out = width * expansion
        sizes = [(given, width, 3, stride), (width, out, 3, 1)]
        if expansion > 1:
            sizes = [(given, width, 1, 1), (width, width, 3, stride), (width, out, 1, 1)]
        self.convs = nn.ModuleList(nn.Conv2d(i, o, k, s, k // 2, bias=False) for i, o, k, s in sizes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(o) for _, o, _, _ in sizes)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = None
        if stride > 1 or given != out:
            self.shortcut = nn.Sequential(nn.Conv2d(given, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        kept = x if self.shortcut is None else self.shortcut(x)
        for i, (convolve, normalize) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = normalize(convolve(x))
            x = self.relu(x) if i < len(self.convs) - 1 else x
        x += kept
        return self.relu(x)


def resnet(blocks: tuple[int, ...], expansion: int) -> nn.Module:
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    body: list[nn.Module] = []
    given = 64
    for stage, many in enumerate(blocks):
        for i in range(many):
            body.append(Residual(given, 64 << stage, 2 if stage and not i else 1, expansion))
            given = (64 << stage) * expansion
    return nn.Sequential(*stem, *body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(given, 1000))


def plain(given: int, out: int, kernel: int, side: int, groups: int = 1) -> Cost:
    """Return the cost of a convolution without bias, and the normalization after it."""
    return conv(given, out, kernel**2, side**2, groups, bias=False) + norm(out)


def resnet_cost(blocks: tuple[int, ...], expansion: int) -> Cost:
    total, given = plain(3, 64, 7, 112), 64
    for stage, many in enumerate(blocks):
        width, side = 64 << stage, 56 >> stage
        out = width * expansion
        for i in range(many):
            before = side * 2 if stage and not i else side  # the first block of a stage halves the side
            if expansion > 1:
                total += plain(given, width, 1, before) + plain(width, width, 3, side)
                total += plain(width, out, 1, side)
            else:
                total += plain(given, width, 3, side) + plain(width, out, 3, side)
            total += plain(given, out, 1, side) if given != out else Cost()
            given = out
    return total + linear(given, 1000)


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


LENET = conv(1, 6, 25, 28**2) + conv(6, 16, 25, 10**2) + linear(400, 120) + linear(120, 84) + linear(84, 10)
ARTICLE = conv(1, 32, 9, 26**2) + conv(32, 64, 9, 24**2) + linear(9216, 128) + linear(128, 10)
ALEXNET = (
    conv(3, 64, 121, 55**2) + conv(64, 192, 25, 27**2) + conv(192, 384, 9, 13**2)
    + conv(384, 256, 9, 13**2) + conv(256, 256, 9, 13**2)
    + linear(9216, 4096) + linear(4096, 4096) + linear(4096, 1000)
)  # fmt: skip
VGG16 = (
    sum((conv(given, out, 9, side**2) for given, out, side in VGG), Cost())
    + linear(25088, 4096) + linear(4096, 4096) + linear(4096, 1000)
)  # fmt: skip

ENTRIES = [
    Entry("lenet-5", lenet, floats((B, 1, 28, 28)), LENET.called(B)),
    Entry("article cnn", article, floats((B, 1, 28, 28)), ARTICLE.called(B)),
    Entry("alexnet", alexnet, PICTURE, ALEXNET, published=(61_100_840, 0.714), large=True),
    Entry("vgg-16", vgg, PICTURE, VGG16, published=(138_357_544, 15.47), large=True),
    Entry(
        "resnet-18", lambda: resnet((2, 2, 2, 2), 1), PICTURE, resnet_cost((2, 2, 2, 2), 1),
        published=(11_689_512, 1.814),
    ),
    Entry(
        "resnet-50", lambda: resnet((3, 4, 6, 3), 4), PICTURE, resnet_cost((3, 4, 6, 3), 4),
        published=(25_557_032, 4.089), large=True,
    ),
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
