"""``cnn``: what its options write, and images that are too small."""

import re

import pytest
import torch

from nnarch_nb import NNArchError, build


def test_options_stand_in_the_text():
    model = build(
        "cnn", (3, 32, 32), 5, width=8, depth=3, kernel_size=5, activation="silu", norm="group", dropout=0
    )
    assert model.spec == (
        "Conv2d(8, 5), GroupNorm(8), SiLU()\n"
        "Conv2d(16, 5), GroupNorm(16), SiLU()\n"
        "Conv2d(32, 5), GroupNorm(32), SiLU(), MaxPool2d(2), Flatten()\n"
        "Linear(128), SiLU()\n"
        "Linear(5)"
    )


def test_residual_convolutions_keep_the_size():
    model = build("cnn", (1, 12, 12), 5, width=4, depth=6, residual=True)
    assert model.shapes[10] == (128, 12, 12)
    assert model.eval()(torch.zeros(2, 1, 12, 12)).shape == (2, 5)


@pytest.mark.parametrize(("side", "depth", "kernel"), [(4, 2, 3), (8, 5, 3), (28, 20, 5), (3, 1, 3)])
def test_too_small_images_are_refused_with_a_depth_that_works(side, depth, kernel):
    with pytest.raises(NNArchError, match=f"images of {side}×{side} are too small for {depth}") as caught:
        build("cnn", (1, side, side), 2, depth=depth, kernel_size=kernel)
    proposed = re.search(r"use depth=(\d+)", str(caught.value))
    if proposed is None:
        assert "try mlp" in str(caught.value)
    else:
        build("cnn", (1, side, side), 2, depth=int(proposed[1]), width=4, kernel_size=kernel)


def test_an_even_kernel_cannot_be_residual():
    with pytest.raises(NNArchError, match="use kernel_size=5"):
        build("cnn", (1, 12, 12), 5, kernel_size=4, residual=True)


def test_channels_do_not_double_beyond_number():
    with pytest.raises(NNArchError, match="use depth=8"):
        build("cnn", (1, 12, 12), 5, depth=100_000, residual=True)
    with torch.device("meta"):
        assert "Conv2d(4096" in build("cnn", (1, 12, 12), 5, depth=8, residual=True).spec
