"""Receptive fields: against the part of the input that has a gradient, and against published numbers."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.trace import trace
from nnarch_nb.core.trace.reach import Field, receptive_fields


def last_field(model: nn.Module, inputs: Any) -> Field | None:
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


# Positions differ in what they see, and the answer covers them all.
UNEVEN = {"transposed", "nearest", "unet", "bilinear", "shuffle"}


@pytest.mark.parametrize("name", CASES)
def test_the_field_is_where_the_gradient_is(name: str) -> None:
    make, shape = CASES[name]
    torch.manual_seed(0)
    model = make()
    field, by_gradient = last_field(model, shape), field_by_gradient(model, shape)
    assert field is not None
    assert field.at_most == (name in UNEVEN)
    assert field.size in (by_gradient, tuple(size + field.at_most for size in by_gradient))


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
    assert (by_path["28"], by_path["30"]) == (Field((196, 196)), Field((212, 212)))
    assert last_field(resnet, (3, 224, 224)) == Field((427, 427))


class Does(nn.Module):
    """A convolution after a function of its own."""

    def __init__(self, function: Callable[[Tensor], Tensor], *size: int) -> None:
        super().__init__()
        self.function, self.conv = function, nn.Conv2d(1, 1, *(size or (3,)))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.function(x))


def resized(mode: str, scale: float, **more: Any) -> Callable[[Tensor], Tensor]:
    return lambda x: F.interpolate(x, scale_factor=scale, mode=mode, **more)


def focus(x: Tensor) -> Tensor:
    """As YOLO begins: four pictures of half the size."""
    return (x[..., ::2, ::2] + x[..., 1::2, ::2]) + (x[..., ::2, 1::2] + x[..., 1::2, 1::2])


EXACT: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "quarter": (lambda: Does(resized("bilinear", 0.25), 1), (2, 2)),
    "nearest half": (lambda: nn.Sequential(nn.Conv2d(1, 1, 3, 2), Does(resized("nearest", 0.5))), (11, 11)),
    "bilinear half": (lambda: nn.Sequential(nn.Conv2d(1, 1, 3, 2), Does(resized("bilinear", 0.5))), (13, 13)),
    "bicubic half": (lambda: nn.Sequential(nn.Conv2d(1, 1, 3, 2), Does(resized("bicubic", 0.5))), (17, 17)),
    "focus": (lambda: Does(focus), (6, 6)),
    "step": (lambda: nn.Sequential(nn.Conv2d(1, 1, 3), Does(lambda x: x[:, :, ::2, ::2])), (7, 7)),
    "apart": (lambda: Does(lambda x: x[..., :-5] + x[..., 5:]), (3, 8)),
    "narrow": (lambda: Does(lambda x: x.narrow(3, 0, 30) + x.narrow(-1, 2, 30)), (3, 5)),
    "moved": (lambda: Does(lambda x: x + F.pad(x, (4, -4, 0, 0))), (3, 7)),
    "channels": (lambda: Does(lambda x: torch.cat([x, x], 1)[:, 1:]), (3, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_smaller_grids_and_parts_of_an_axis(name: str) -> None:
    make, size = EXACT[name]
    model = make()
    assert last_field(model, (1, 40, 40)) == Field(size)
    assert field_by_gradient(model, (1, 40, 40)) == size


@pytest.mark.parametrize(
    "function",
    [
        lambda x: torch.cat(x.chunk(2, 3), 1)[:, :1],
        lambda x: sum(x.split(20, 2)),
        lambda x: x + x[:, :, :1],
        lambda x: x + x[:, :, :1].expand(-1, -1, 40, -1),
        lambda x: sum(x.tensor_split(2, 3)),
        lambda x: x + x.roll(5, 3),
        lambda x: x.clone().index_copy_(3, torch.arange(20), x[..., 20:]),
        lambda x: x.mean((), keepdim=True) + x,
    ],
)
def test_what_goes_several_ways_is_not_told(function: Callable[[Tensor], Tensor]) -> None:
    assert last_field(Does(function), (1, 40, 40)) is None


def test_a_part_written_over_is_not_told() -> None:
    def written(x: Tensor) -> Tensor:
        y = x * 1
        y[..., 20:] = x[..., :20]
        return y

    def added(x: Tensor) -> Tensor:
        y = x * 1
        y[..., 20:].add_(x[..., :20])
        return y

    for function in (written, added):
        assert last_field(Does(function), (1, 40, 40)) is None


WIDTH = 300


def random_step(draw: random.Random) -> nn.Module:
    """Return one step along a line: a window, a change of the grid, a part, or a skip."""

    class Step(nn.Module):
        def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
            super().__init__()
            self.function = function

        def forward(self, x: Tensor) -> Tensor:
            return self.function(x)

    size, start, stride = draw.choice([1, 2, 3, 5]), draw.choice([0, 1, 3]), draw.choice([1, 2, 3])
    to, scale = draw.choice([31, 48, 77]), draw.choice([0.25, 0.4, 0.5, 0.75, 1.5, 2, 3])
    corners = draw.random() < 0.5
    return draw.choice([
        lambda: nn.Conv1d(1, 1, size, stride, start),
        lambda: nn.Conv1d(1, 1, 3, dilation=stride),
        lambda: nn.ConvTranspose1d(1, 1, size, stride, min(start, size - 1)),
        lambda: nn.AvgPool1d(size, stride),
        lambda: Step(lambda x: F.interpolate(x, scale_factor=scale, mode="linear", align_corners=False)),
        lambda: Step(lambda x: F.interpolate(x, size=to, mode="linear", align_corners=corners)),
        lambda: Step(lambda x: F.interpolate(x, scale_factor=scale, mode="nearest")),
        lambda: Step(lambda x: F.interpolate(x, size=to, mode="nearest-exact")),
        lambda: Step(lambda x: x[..., start::stride]),
        lambda: Step(lambda x: x[..., start + 2 :] + x[..., : -start - 2]),
        lambda: Step(lambda x: x + F.pad(x, (start, -start))),
    ])()  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_no_position_sees_more_than_is_told(seed: int) -> None:
    draw = random.Random(seed)
    model = nn.Sequential(*(random_step(draw) for _ in range(draw.choice([2, 3, 4])))).double()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1.0)
    x = torch.zeros(1, 1, WIDTH, dtype=torch.double)
    field = last_field(model, x)
    assert field is not None
    hits = torch.autograd.functional.jacobian(model, x, vectorize=True)[0, 0, :, 0, 0] != 0
    ends = [(int(hit.nonzero().min()), int(hit.nonzero().max())) for hit in hits if hit.any()]
    inside = [last - first + 1 for first, last in ends if first > 0 and last < WIDTH - 1]
    largest = max(inside, default=0)  # a transposed convolution may leave positions that see nothing
    assert largest <= field.size[0]
    assert field.at_most or largest == field.size[0]
