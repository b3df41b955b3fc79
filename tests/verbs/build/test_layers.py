"""Whatever torch answers to a wrong argument is told in one short line."""

import pytest

from nnarch_nb import NNArchError, build
from nnarch_nb.verbs.build.layers import layer_called, reason


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("GroupNorm(0)", (8, 4, 4)),
        ("PixelShuffle(0)", (8, 4, 4)),
        ("Conv2d(3, 2, 0)", (1, 8, 8)),
        ("LPPool1d(0, kernel_size=1)", (2, 8)),
        ("CrossMapLRN2d(0)", (3, 8, 8)),
    ],
)
def test_a_zero_that_torch_divides_by_is_named(written, shape):
    with pytest.raises(NNArchError, match="divides by a 0; give sizes of at least 1") as caught:
        build(written, shape)
    assert written in str(caught.value)


def test_torchs_list_of_overloads_is_cut_off():
    with pytest.raises(NNArchError, match=r"invalid combination of arguments$"):
        build("Conv2d(8, 3, dilation=None)", (1, 28, 28))


def test_an_error_without_words_is_told_by_its_name():
    assert reason(AssertionError()) == "AssertionError"


def test_a_layer_is_found_without_regard_to_case():
    assert (layer_called("relu"), layer_called("CONV2D"), layer_called("foo")) == ("ReLU", "Conv2d", None)
