"""Convolutional networks from LeNet to ResNet, at their published sizes.

Parameters and multiply-accumulates published: the tables of torchvision's documentation ("GFLOPS" there
are multiply-accumulates). The definitions are our own, so that torchvision is not needed.
"""

from __future__ import annotations

from torch import Tensor, nn

from .entry import B, Cost, Entry, conv, floats, linear, norm

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
]  # fmt: skip
