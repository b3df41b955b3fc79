"""``hybrid``: convolutions before a transformer for images, before an LSTM for series."""

import pytest
import torch

from nnarch_nb import NNArchError, build
from nnarch_nb.core.data import Data, Split


@pytest.mark.parametrize(
    ("shape", "tokens"), [((1, 28, 28), 49), ((3, 32, 32), 64), ((3, 224, 224), 196), ((1, 6, 5), 30)]
)
def test_the_stem_halves_an_image_until_it_is_small(shape, tokens):
    model = build("hybrid", shape, 3, width=32, depth=1, heads=2)
    assert model.positions1.max_len == tokens
    assert model.eval()(torch.randn(2, *shape)).shape == (2, 3)


def test_series_are_read_by_an_lstm():
    model = build("hybrid", (20, 3), 4, width=8, depth=2, dropout=0.1)
    assert "LSTM(8, num_layers=2, dropout=0.1), Last()" in " ".join(model.spec.split())
    assert model.eval()(torch.randn(2, 20, 3)).shape == (2, 4)
    assert model(torch.randn(2, 31, 3)).shape == (2, 4)


def test_what_stands_after_the_end_of_a_series_changes_nothing():
    x = torch.randn(6, 20, 3)
    x[:3, 12:] = float("nan")
    split = Split(x, torch.tensor([0, 1] * 3))
    model = build(
        "hybrid", Data("padded", split, split, split, "classification", (20, 3), ("a", "b")), width=8
    ).eval()
    torch.testing.assert_close(model(x[:3]), model(x[:3, :12]), rtol=1e-5, atol=1e-6)


def test_heads_belong_to_images():
    with pytest.raises(NNArchError, match="leave them out"):
        build("hybrid", (20, 3), 4, heads=2)
    build("hybrid", (20, 3), 4, width=30)
    with pytest.raises(NNArchError, match="use heads="):
        build("hybrid", (1, 8, 8), 4, width=30)


def test_an_even_kernel_is_refused():
    with pytest.raises(NNArchError, match="use kernel_size=5"):
        build("hybrid", (1, 8, 8), 4, kernel_size=4)
