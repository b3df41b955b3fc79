"""``unet``: an answer for every pixel, whatever the size of the image."""

import re

import pytest
import torch

from nnarch_nb import NNArchError, build


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 29, 30), (2, 17, 64), (1, 8, 8), (1, 5, 2)])
def test_the_answer_is_as_large_as_the_image(shape):
    model = build("unet", shape, 3, width=4).eval()
    assert model(torch.randn(2, *shape)).shape == (2, 3, *shape[1:])
    assert build("unet", shape, width=4).shapes[-1] == shape


def test_with_the_sizes_of_the_paper_it_has_the_known_number_of_parameters():
    """31,037,698: four halvings from 64 channels, two convolutions a level, each with a norm."""
    with torch.device("meta"):
        model = build("unet", (3, 64, 64), 2, width=64, depth=4)
    assert sum(p.numel() for p in model.parameters()) == 31_037_698


def test_every_level_sees_farther():
    """A pixel's answer hangs on pixels far from it, and on itself through the first level."""
    model = build(
        "unet", (1, 32, 32), 1, width=4, depth=3, norm="none", activation="elu"
    ).eval()  # no dead units
    x = torch.randn(1, 1, 32, 32, requires_grad=True)
    model(x)[0, 0, 16, 16].backward()
    seen = x.grad[0, 0].nonzero()
    assert seen[:, 0].max() - seen[:, 0].min() > 24


@pytest.mark.parametrize(("side", "depth"), [(8, 4), (1, 1), (30, 10)])
def test_too_many_halvings_are_refused_with_what_works(side, depth):
    with pytest.raises(NNArchError, match=f"images of {side}×{side} are too small") as caught:
        build("unet", (1, side, side), 2, depth=depth)
    proposed = re.search(r"use depth=(\d+)", str(caught.value))
    assert proposed or side == 1
    if proposed:
        build("unet", (1, side, side), 2, depth=int(proposed[1]), width=4)


def test_options_stand_in_the_text():
    spec = build(
        "unet", (1, 16, 16), 2, width=4, depth=1, kernel_size=5, norm="none", activation="elu", dropout=0.2
    ).spec
    assert "Conv2d(8, 5, padding=2), ELU(), Conv2d(8, 5, padding=2), ELU(), Dropout(0.2)" in " ".join(
        spec.split()
    )
