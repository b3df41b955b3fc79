"""Receptive fields: against the part of the input that has a gradient, and against published numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace
from nnarch_nb.core.trace.reach import receptive_fields


def last_field(model: nn.Module, inputs: Any) -> tuple[int, ...] | None:
    result = trace(model, as_call(inputs))
    assert result.failure is None, result.failure
    return receptive_fields(result)[result.operations[-1].id]


def field_by_gradient(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the largest extent of input with a gradient over a few units in the middle of the result."""
    model.eval()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.01)
    x = torch.rand(1, *shape, requires_grad=True)
    out = model(x)
    largest = [0] * (len(shape) - 1)
    middle = [size // 2 for size in out.shape[2:]]
    for offset in range(4):
        (gradient,) = torch.autograd.grad(
            out[(0, slice(None), *[m + offset for m in middle])].sum(), x, retain_graph=True
        )
        hit = gradient[0].abs().sum(0).nonzero()
        extent = hit.max(0).values - hit.min(0).values + 1
        largest = [max(a, int(b)) for a, b in zip(largest, extent, strict=True)]
    return tuple(largest)


class Skip(nn.Module):
    def __init__(self, inner: nn.Module, other: nn.Module | None = None) -> None:
        super().__init__()
        self.inner, self.other = inner, other or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.inner(x) + self.other(x))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.up, self.c = nn.ConvTranspose2d(4, 4, 2, 2), nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.c(torch.cat([x, self.up(self.b(F.avg_pool2d(x, 2)))], 1))


class ChannelsLast(nn.Module):
    """As in ConvNeXt."""

    def __init__(self) -> None:
        super().__init__()
        self.deep, self.norm = nn.Conv2d(4, 4, 7, padding=3, groups=4), nn.LayerNorm(4)
        self.wide, self.back = nn.Linear(4, 8), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.deep(x).permute(0, 2, 3, 1)
        return x + self.back(F.gelu(self.wide(self.norm(y)))).permute(0, 3, 1, 2)


def conv(*args: Any, **kwargs: Any) -> nn.Module:
    return nn.Conv2d(4, 4, *args, **kwargs)


CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "plain": (lambda: nn.Sequential(conv(3), nn.ReLU(), conv(5)), (4, 33, 33)),
    "strided": (lambda: nn.Sequential(conv(3, 2, 1), nn.MaxPool2d(3, 2, 1), conv(3, 2), conv(3)),
                (4, 99, 99)),
    "dilated": (lambda: nn.Sequential(conv(3, dilation=2), conv(3, dilation=4, padding=4)), (4, 41, 41)),
    "oblong": (lambda: nn.Sequential(conv((3, 1)), conv((1, 5), (1, 2)), nn.AvgPool2d((2, 3))), (4, 40, 50)),
    "skip": (lambda: nn.Sequential(Skip(conv(3, padding=1)), Skip(nn.Sequential(conv(3, 2, 1), conv(3, 1, 1)),
                                                                  conv(1, 2))), (4, 40, 40)),
    "one side": (lambda: Skip(nn.Sequential(nn.ZeroPad2d((2, 0, 0, 0)), conv((1, 3))),
                              conv((1, 3), padding=(0, 1))), (4, 30, 30)),
    "transposed": (lambda: nn.Sequential(conv(3, 2, 1), nn.ConvTranspose2d(4, 4, 4, 2, 1), conv(3)),
                   (4, 40, 40)),
    "nearest": (lambda: nn.Sequential(conv(3, 2, 1), nn.Upsample(scale_factor=2), conv(3)), (4, 40, 40)),
    "bilinear": (lambda: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), conv(3)), (4, 30, 30)),
    "shuffle": (lambda: nn.Sequential(conv(3), nn.PixelShuffle(2), nn.Conv2d(1, 1, 3)), (4, 30, 30)),
    "channel shuffle": (lambda: nn.Sequential(conv(3), nn.ChannelShuffle(2), conv(3)), (4, 30, 30)),
    "normalized": (lambda: nn.Sequential(conv(3), nn.BatchNorm2d(4), nn.Dropout(), conv(3)), (4, 30, 30)),
    "one direction": (lambda: nn.Sequential(nn.Conv1d(2, 4, 5, 2), nn.MaxPool1d(2), nn.Conv1d(4, 4, 3)),
                      (2, 99)),
    "three directions": (lambda: nn.Sequential(nn.Conv3d(1, 2, 3), nn.AvgPool3d(2)), (1, 19, 19, 19)),
    "unet": (UNet, (2, 40, 40)),
    "channels last": (ChannelsLast, (4, 30, 30)),
    "adaptive": (lambda: nn.Sequential(conv(3, padding=1), nn.AdaptiveAvgPool2d(10)), (4, 40, 40)),
}  # fmt: skip


UNEVEN = {
    "transposed",
    "nearest",
    "unet",
}  # positions differ in what they see, and the answer covers them all


@pytest.mark.parametrize("name", CASES)
def test_the_field_is_where_the_gradient_is(name: str) -> None:
    make, shape = CASES[name]
    torch.manual_seed(0)
    model = make()
    field, by_gradient = last_field(model, shape), field_by_gradient(model, shape)
    assert field in (by_gradient, tuple(size + (name in UNEVEN) for size in by_gradient))


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(conv(3), nn.AdaptiveAvgPool2d(1)),
        nn.Sequential(conv(3), nn.Flatten(), nn.Linear(4 * 36, 2)),
        nn.Sequential(conv(3), nn.Softmax(2)),
    ],
)
def test_all_of_the_input(model: nn.Module) -> None:
    assert last_field(model, (4, 8, 8)) is None


def test_no_directions_in_space() -> None:
    assert set(receptive_fields(trace(nn.Linear(4, 2), as_call((4,)))).values()) == {None}


def vgg16() -> nn.Module:
    layers: list[nn.Module] = []
    before = 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if not width:
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            before = width
    return nn.Sequential(*layers)


class Bottleneck(nn.Sequential):
    """Of ResNet-50, the stride in its 3×3 convolution."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__(
            nn.Conv2d(before, width, 1), nn.Conv2d(width, width, 3, stride, 1), nn.Conv2d(width, 4 * width, 1)
        )
        same = before == 4 * width and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(before, 4 * width, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self[2](self[1](self[0](x))) + self.skip(x)


def resnet50() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for width, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for block in range(blocks):
            layers.append(Bottleneck(before, width, stride if block == 0 else 1))
            before = 4 * width
    return nn.Sequential(*layers)


def test_published_numbers() -> None:
    """VGG-16: 196 before the last pooling and 212 after it; ResNet-50 with the stride in the 3×3: 427."""
    with torch.device("meta"):
        vgg, resnet = vgg16(), resnet50()
    run = trace(vgg, as_call((3, 224, 224)))
    fields = receptive_fields(run)
    by_path = {step.path: fields[step.id] for step in run.operations if step.kind == "module"}
    assert (by_path["28"], by_path["30"]) == ((196, 196), (212, 212))
    assert last_field(resnet, (3, 224, 224)) == (427, 427)
