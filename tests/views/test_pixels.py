"""Arrays as images: exact where small, averaged where large, white where zero."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from nnarch_nb.views import pixels
from nnarch_nb.views.figure import Picture


def seen(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def test_values_run_from_black_to_white():
    shown = seen(pixels.values(torch.tensor([[0.0, 8.0], [16.0, 99.0]]), (0, 16), "four"))
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[1].tolist() == [[255, 255, 255]] * 2
    assert abs(int(shown[0, 1, 0]) - 127) < 6


def test_three_channels_are_colours_and_others_grey():
    red = torch.stack([torch.ones(4, 4), torch.zeros(4, 4), torch.zeros(4, 4)])
    assert seen(pixels.values(red, (0, 1), ""))[0, 0].tolist() == [255, 0, 0]
    assert len(set(seen(pixels.values(torch.rand(5, 4, 4), (0, 1), ""))[0, 0].tolist())) == 1


def test_signs_have_colours_and_zero_is_white():
    shown = seen(pixels.signed(torch.tensor([[-2.0, 0.0, 1.0, 5.0]]), 1.0, ""))
    assert shown[0].tolist() == [[0, 114, 178], [255, 255, 255], [213, 94, 0], [213, 94, 0]]
    blank = seen(pixels.signed(torch.zeros(1, 3, 3), 0.0, ""))
    assert (blank == 255).all()


def test_channels_add_up():
    both = torch.tensor([[[1.0]], [[-1.0]]])
    assert seen(pixels.signed(both, 1.0, ""))[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("size", [(100, 300), (300, 100), (500, 1)])
def test_large_arrays_are_averaged_down(size):
    plane = np.ones(size, np.float32)
    small = pixels.smaller(plane)
    assert max(small.shape) == pixels.SIDE
    assert np.allclose(small, 1)
    assert pixels.shown_width(size) <= pixels.SHOWN
