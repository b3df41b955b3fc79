"""``resnet``: the layers of the paper, its plain network, and how it begins."""

import re

import pytest
import torch
from torch import nn

from nnarch_nb import NNArchError, build


def weighted(model):
    """Return how many layers with weights there are, shortcuts aside, as the paper counts."""
    return sum(
        isinstance(module, (nn.Conv2d, nn.Linear)) and "shortcut" not in path
        for path, module in model.named_modules()
    )


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152, 20, 32, 44, 56, 110])
def test_depth_is_the_number_of_layers_with_weights(depth):
    with torch.device("meta"):
        model = build("resnet", (3, 64, 64), 10, depth=depth)
        plain = build("resnet", (3, 64, 64), 10, depth=depth, residual=False)
    assert weighted(model) == weighted(plain) == depth
    assert "Residual" not in plain.spec


def test_small_images_get_the_small_network_and_large_ones_the_large():
    with torch.device("meta"):
        assert weighted(build("resnet", (1, 32, 32), 10)) == 20
        assert weighted(build("resnet", (1, 96, 96), 10)) == 18


def test_plain_and_small_residual_networks_have_the_same_weights():
    """Option A: shortcuts cost nothing, so that the two can be compared."""
    counts = {
        sum(p.numel() for p in build("resnet", (3, 16, 16), 10, residual=r).parameters())
        for r in (True, False)
    }
    assert len(counts) == 1


def test_a_shortcut_takes_every_second_pixel_and_adds_channels_of_zeros():
    model = build("resnet", (3, 8, 8), 10, depth=8)
    shortcut = next(m.shortcut for m in model.modules() if getattr(m, "shortcut", None) is not None)
    x = torch.randn(2, 16, 8, 8)
    y = shortcut(x)
    assert torch.equal(y[:, 8:24], x[:, :, ::2, ::2])
    assert y[:, :8].abs().max() == y[:, 24:].abs().max() == 0


def test_convolutions_begin_as_he_says():
    model = build("resnet", (3, 64, 64), 10, depth=18)
    weight = model.get_submodule("stage4_first1").residual1.body.conv2.weight
    assert abs(float(weight.detach().std()) / (2 / (512 * 9)) ** 0.5 - 1) < 0.01
    assert abs(float(weight.detach().mean())) < 1e-4
    assert "He et al. 2015" in model.initialised


def test_norm_none_gives_convolutions_a_bias():
    model = build("resnet", (3, 16, 16), 10, norm="none", depth=8)
    assert "BatchNorm" not in model.spec
    assert all(module.bias is not None for module in model.modules() if isinstance(module, nn.Conv2d))


@pytest.mark.parametrize(
    ("side", "depth"), [(16, 18), (10, 50), (2, 20), (1, None), (28, 19), (28, 1), (28, 100_000)]
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_depth_that_works(side, depth):
    with pytest.raises(NNArchError) as caught:
        build("resnet", (1, side, side), 3, depth=depth)
    proposed = re.search(r"use depth=(\d+)", str(caught.value))
    if proposed is None:
        assert "use mlp" in str(caught.value)
    else:
        with torch.device("meta"):
            build("resnet", (1, side, side), 3, depth=int(proposed[1]))


@pytest.mark.parametrize("side", [17, 28, 33])
def test_the_large_network_takes_what_can_be_halved_five_times(side):
    with torch.device("meta"):
        assert build("resnet", (1, side, side + 3), 3, depth=18).shapes[-1] == (3,)


def test_a_block_that_stands_once_is_written_without_repeat():
    assert "Repeat(1" not in build("resnet18", (3, 64, 64)).spec
    small = build("resnet", (3, 16, 16), 10, depth=14)
    assert "Repeat(1" not in small.spec
    assert [name for name, _ in small.named_children()][3:8] == [
        "repeat1",
        "stage2_first1",
        "stage2_1",
        "stage3_first1",
        "stage3_1",
    ]
