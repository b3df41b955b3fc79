"""``autoencoder``: a narrow middle, and a way back to the same shape."""

import re
from math import prod

import pytest
import torch

from nnarch_nb import NNArchError, build


@pytest.mark.parametrize("shape", [(4,), (1,), (30,), (1, 28, 28), (3, 29, 31), (1, 8, 8), (2, 3, 9)])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_answer_has_the_shape_of_the_sample_and_the_middle_is_narrow(shape, depth):
    try:
        model = build("autoencoder", shape, width=8, depth=depth).eval()
    except NNArchError as error:
        proposed = re.search(r"use depth=(\d+)", str(error))
        model = build("autoencoder", shape, width=8, depth=int(proposed[1])).eval()
    assert model(torch.randn(2, *shape)).shape == (2, *shape)
    assert min(map(prod, model.shapes)) == max(1, min(32, prod(shape) // 2))


def test_options_stand_in_the_text():
    spec = build("autoencoder", (40,), width=64, depth=2, activation="tanh", norm="layer", dropout=0.1).spec
    assert "Linear(64), LayerNorm(), Tanh(), Dropout(0.1)" in " ".join(spec.split())
    assert spec.endswith("Linear(64), LayerNorm(), Tanh()\nLinear(40)")


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_images_may_be_normed(norm):
    assert build("autoencoder", (1, 12, 12), norm=norm, width=8).shapes[-1] == (1, 12, 12)


def test_classes_are_not_its_question():
    with pytest.raises(NNArchError, match="needs no classes"):
        build("autoencoder", (1, 12, 12), 10)
