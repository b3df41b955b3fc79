"""Convolutions of every kind, and the shapes in which networks put them together."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .entry import B, Cost, Entry, conv, floats, linear, norm


class Inception(nn.Module):
    """Four branches over one input, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(16, 8, 1)
        self.three = nn.Sequential(nn.Conv2d(16, 6, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, padding=1))
        self.wide = nn.Sequential(
            nn.Conv2d(16, 4, 1),
            nn.Conv2d(4, 4, (1, 7), padding=(0, 3)),
            nn.Conv2d(4, 4, (7, 1), padding=(3, 0)),
        )
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(16, 4, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], 1)


INCEPTION = (
    conv(16, 8, 1, 64) + conv(16, 6, 1, 64) + conv(6, 8, 9, 64)
    + conv(16, 4, 1, 64) + conv(4, 4, 7, 64) * 2 + conv(16, 4, 1, 64)
)  # fmt: skip


def double(given: int, out: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(given, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True),
        nn.Conv2d(out, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True),
    )  # fmt: skip


class UNet(nn.Module):
    """Down twice, up twice, with what was left on the way down joined on the way up."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList([double(1, 8), double(8, 16)])
        self.bottom = double(16, 32)
        self.up = nn.ModuleList([nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)])
        self.after = nn.ModuleList([double(32, 16), double(16, 8)])
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for block in self.down:
            kept.append(block(x))
            x = F.max_pool2d(kept[-1], 2)
        x = self.bottom(x)
        for rise, block in zip(self.up, self.after, strict=True):
            x = block(torch.cat([rise(x), kept.pop()], 1))
        return self.head(x)


def double_cost(given: int, out: int, places: int) -> Cost:
    return conv(given, out, 9, places) + conv(out, out, 9, places) + norm(out) * 2


UNET = (
    double_cost(1, 8, 256) + double_cost(8, 16, 64) + double_cost(16, 32, 16)
    + conv(32, 16, 4, 16) + double_cost(32, 16, 64) + conv(16, 8, 4, 64) + double_cost(16, 8, 256)
    + conv(8, 2, 1, 256)
)  # fmt: skip


class Squeeze(nn.Module):
    """Squeeze and excitation: each channel is weighed by what all of them hold."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular")
        self.gate = nn.Sequential(nn.Linear(8, 2), nn.ReLU(), nn.Linear(2, 8), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x * self.gate(x.mean((2, 3)))[:, :, None, None]


class Causal(nn.Module):
    """A temporal convolution: padded on the left, dilated ever wider, with a skip around it."""

    def __init__(self, given: int, out: int, dilation: int) -> None:
        super().__init__()
        self.pad = nn.ConstantPad1d((2 * dilation, 0), 0.0)
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv1d(given, out, 3, dilation=dilation))
        self.skip = nn.Conv1d(given, out, 1) if given != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(self.pad(x)) + self.skip(x))


# The lengths of the filters are parameters of their own: one a channel.
TCN = conv(4, 8, 3, 20) + Cost(8) + conv(4, 8, 1, 20) + (conv(8, 8, 3, 20) + Cost(8)) * 2


class WaveNet(nn.Module):
    """Gated dilated convolutions whose skips add up."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.ModuleList(nn.Conv1d(4, 8, 2, dilation=2**i, padding=2**i) for i in range(3))
        self.skips = nn.ModuleList(nn.Conv1d(4, 4, 1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        total, length = torch.zeros_like(x), x.shape[-1]
        for gated, skip in zip(self.filters, self.skips, strict=True):
            a, b = gated(x)[..., :length].chunk(2, 1)
            y = skip(torch.tanh(a) * torch.sigmoid(b))
            total += y
            x = x + y
        return total


# A kernel of 2 with padding d on both sides gives 16 + d places, of which 16 are kept.
WAVENET = sum((conv(4, 8, 2, 16 + 2**i) + conv(4, 4, 1, 16) for i in range(3)), Cost())


def dcgan() -> nn.Module:
    return nn.Sequential(
        nn.ConvTranspose2d(20, 16, 4, 1, 0, bias=False), nn.BatchNorm2d(16), nn.ReLU(True),
        nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(True),
        nn.ConvTranspose2d(8, 3, 3, 2, 1, output_padding=1), nn.Tanh(),
    )  # fmt: skip


DCGAN = (
    conv(20, 16, 16, 1, bias=False) + norm(16) + conv(16, 8, 16, 16, bias=False) + norm(8)
    + Cost(8 * 3 * 9 + 3, 64 * 8 * 3 * 9)
)  # fmt: skip


class SpatialTransformer(nn.Module):
    """Turns its input by what it sees, then looks."""

    def __init__(self) -> None:
        super().__init__()
        self.locate = nn.Sequential(nn.Conv2d(1, 4, 7), nn.ReLU(), nn.Flatten(), nn.Linear(400, 6))
        self.look = nn.Conv2d(1, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        turn = self.locate(x).view(-1, 2, 3)
        return self.look(F.grid_sample(x, F.affine_grid(turn, x.shape, False), align_corners=False))


# Where to look is interpolation, grid and all, which the convention leaves out as it does pooling.
SPATIAL = conv(1, 4, 49, 100) + linear(400, 6) + conv(1, 4, 9, 196)


class TimedBlock(nn.Module):
    """A block of a diffusion U-Net: convolutions that know what time it is."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.GroupNorm(4, 8), nn.GroupNorm(4, 16)])
        self.convs = nn.ModuleList([nn.Conv2d(8, 16, 3, padding=1), nn.Conv2d(16, 16, 3, padding=1)])
        self.time = nn.Sequential(nn.Linear(12, 24), nn.SiLU(), nn.Linear(24, 16))
        self.skip = nn.Conv2d(8, 16, 1)

    def forward(self, x: Tensor, steps: Tensor) -> Tensor:
        rates = torch.exp(-torch.arange(6, device=x.device) / 6)
        angles = steps[:, None] * rates
        when = self.time(torch.cat([angles.sin(), angles.cos()], -1))
        y = self.convs[0](F.silu(self.norms[0](x))) + when[:, :, None, None]
        return self.convs[1](F.silu(self.norms[1](y))) + self.skip(x)


TIMED = (
    norm(8) + norm(16) + conv(8, 16, 9, 64) + conv(16, 16, 9, 64) + conv(8, 16, 1, 64)
    + linear(12, 24) + linear(24, 16)
)  # fmt: skip


def autoencoder() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 4, 3, 2, 1), nn.ReLU(),
        nn.Upsample(scale_factor=2), nn.Conv2d(4, 8, 3, padding=1), nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 2, 2), nn.Sigmoid(),
    )  # fmt: skip


AUTOENCODER = conv(1, 8, 9, 64) + conv(8, 4, 9, 16) + conv(4, 8, 9, 64) + conv(8, 1, 4, 64)


def separable() -> nn.Module:
    return nn.Sequential(nn.Conv2d(8, 16, 3, padding=1, groups=8), nn.ReLU6(), nn.Conv2d(16, 12, 1))


def branches() -> nn.Module:
    """Return a block of ResNeXt, whose narrow branches are one grouped convolution, and PixelShuffle."""
    return nn.Sequential(
        nn.Conv2d(16, 8, 1, bias=False), nn.Conv2d(8, 8, 3, padding=1, groups=4, bias=False),
        nn.Conv2d(8, 16, 1, bias=False), nn.PixelShuffle(2),
    )  # fmt: skip


BRANCHES = (
    conv(16, 8, 1, 36, bias=False) + conv(8, 8, 9, 36, 4, bias=False) + conv(8, 16, 1, 36, bias=False)
)  # fmt: skip
GROUPED_UP = Cost(4 * 3 * 9 + 6, 25 * 4 * 3 * 9)  # 4 channels to 6 in 2 groups: each to 3


ENTRIES = [
    Entry("depthwise separable", separable, floats((B, 8, 6, 6)),
          (conv(8, 16, 9, 36, 8) + conv(16, 12, 1, 36)).called(B)),
    Entry("grouped branches", branches, floats((B, 16, 6, 6)), BRANCHES.called(B)),
    Entry("dilated", lambda: nn.Conv2d(3, 4, 3, dilation=(2, 3), stride=(1, 2)), floats((B, 3, 9, 11)),
          conv(3, 4, 9, 5 * 3).called(B)),
    Entry("transposed, grouped", lambda: nn.ConvTranspose2d(4, 6, 3, 2, groups=2, output_padding=1),
          floats((B, 4, 5, 5)), GROUPED_UP.called(B)),
    Entry("conv1d, same", lambda: nn.Conv1d(3, 6, 4, padding="same"), floats((B, 3, 10)),
          conv(3, 6, 4, 10).called(B)),
    Entry("conv3d", lambda: nn.Sequential(nn.Conv3d(2, 4, 2), nn.BatchNorm3d(4), nn.AdaptiveAvgPool3d(1)),
          floats((B, 2, 4, 4, 4)), (conv(2, 4, 8, 27) + norm(4)).called(B)),
    Entry("conv without batch", lambda: nn.Conv2d(3, 4, 3), floats((3, 6, 6)), conv(3, 4, 9, 16)),
    Entry("channels last", lambda: nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last),
          floats((B, 3, 6, 6)), conv(3, 4, 9, 16).called(B)),
    Entry("bfloat16", lambda: nn.Conv2d(3, 4, 3).bfloat16(),
          lambda: tuple(x.bfloat16() for x in floats((B, 3, 6, 6))()), conv(3, 4, 9, 16).called(B)),
    Entry("inception", Inception, floats((B, 16, 8, 8)), INCEPTION.called(B)),
    Entry("u-net", UNet, floats((B, 1, 16, 16)), UNET.called(B)),
    Entry("squeeze and excitation", Squeeze, floats((B, 8, 6, 6)),
          (conv(8, 8, 9, 36) + linear(8, 2) + linear(2, 8)).called(B)),
    Entry("tcn", lambda: nn.Sequential(Causal(4, 8, 1), Causal(8, 8, 2), Causal(8, 8, 4)),
          floats((B, 4, 20)), TCN.called(B)),
    Entry("wavenet", WaveNet, floats((B, 4, 16)), WAVENET.called(B)),
    Entry("dcgan generator", dcgan, floats((B, 20, 1, 1)), DCGAN.called(B)),
    Entry("spatial transformer", SpatialTransformer, floats((B, 1, 16, 16)), SPATIAL.called(B)),
    Entry("diffusion block", TimedBlock, floats((B, 8, 8, 8), (B,)), TIMED.called(B)),
    Entry("autoencoder", autoencoder, floats((B, 1, 16, 16)), AUTOENCODER.called(B)),
]  # fmt: skip
