"""What becomes of raw values: digits are kept, gaps filled, and nothing is learned from held-out rows."""

import numpy as np
import pandas as pd
import pytest
import torch

from nnarch_nb import NNArchError, views
from nnarch_nb.verbs.data import data

TIMES = 1.7e9 + np.arange(200.0)
HALVES = [0, 1] * 100


def everything(found):
    return torch.cat([found.train.x, found.val.x, found.test.x])


@pytest.mark.parametrize("times", [TIMES, TIMES.astype(int)])
@pytest.mark.parametrize("form", ["table", "array", "tensor"])
def test_values_that_float32_cannot_tell_apart_are_scaled_in_double(times, form):
    column = times.reshape(-1, 1)
    found = {
        "table": lambda: data(pd.DataFrame({"t": times, "y": HALVES}), target="y"),
        "array": lambda: data((column, HALVES)),
        "tensor": lambda: data((torch.from_numpy(column).double(), HALVES)),
    }[form]()
    assert len(everything(found).unique()) == 200
    assert everything(found).dtype == torch.float32
    assert not any("cop" in note or "occur" in note for note in found.notes)


def test_a_table_gives_back_its_own_values():
    table = pd.DataFrame({"t": TIMES, "zero": 0.0, "tenth": 0.1, "id": np.arange(200) * 12345, "y": HALVES})
    back = data(table, target="y").to_pandas().sort_values("t", ignore_index=True)
    for name in ("t", "zero", "tenth", "id"):
        assert (back[name] == table[name]).all(), name


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_pixels_come_back_whole_and_within_their_bounds(dtype):
    pixels = torch.arange(256).repeat(8).reshape(32, 1, 8, 8).to(dtype)
    found = data((pixels, [0, 1] * 16), val=0, test=0)
    raw = found.raw(found.train.x)
    assert raw.unique().tolist() == list(range(256))
    assert not raw.signbit().any()
    assert raw.dtype == torch.float32


def test_columns_come_back_as_they_were():
    words, tenths = ["a", "b", "c", "c", "d", "b", "a", "c", "c", "c"] * 20, np.arange(200) / 10
    table = pd.DataFrame({"word": words, "tenth": tenths, "id": np.arange(200) * 12345, "y": HALVES})
    plain, scaled = (data(table, target="y", normalize=normalize) for normalize in (False, True))
    raw = scaled.raw(everything(scaled))
    assert torch.equal(raw[:, :4], everything(plain)[:, :4])
    assert torch.equal(raw[:, 5], everything(plain)[:, 5])
    assert (raw[:, 4] - everything(plain)[:, 4]).abs().max() < 4e-6


def test_what_lies_between_whole_numbers_stays_there():
    x = 3 + torch.tensor([[1e-5], [-1e-5], [1.0], [-1.0]])
    found = data((x, [0, 1, 0, 1]), val=0, test=0)
    torch.testing.assert_close(found.raw(found.train.x), x, rtol=0, atol=1e-6)


def test_what_came_narrow_is_not_widened():
    pixels = torch.randint(0, 256, (40, 1, 4, 4), dtype=torch.uint8)
    assert data((pixels, [0, 1] * 20)).train.x.dtype == torch.float32
    from nnarch_nb.verbs.data.arrays import as_samples

    for dtype in (torch.float32, torch.int32, torch.float16):
        assert as_samples(torch.ones(4, 2, 2, dtype=dtype))[0].dtype == torch.float32


def test_what_float32_cannot_hold_is_called_too_large(tmp_path):
    table = pd.DataFrame({"a": [1e300, *np.arange(199.0)], "y": HALVES})
    table.to_csv(tmp_path / "t.csv", index=False)
    for source in (table, str(tmp_path / "t.csv")):
        with pytest.raises(
            NNArchError, match=r"1 too large value, the first in row 0 of column 'a': scale them"
        ):
            data(source, target="y")


def test_nothing_is_normalized_by_what_is_held_out():
    x = torch.randn(50, 3) * 4 + 7
    found = data({"x_test": x, "y_test": [0, 1] * 25})
    assert found.normalization is None
    assert torch.equal(found.test.x, x)
    text = views.bundle(found)["text/plain"]
    assert "No training split to take mean and deviation from. Values are raw, not normalized." in text
    assert "of the training split" not in text


def test_gaps_take_the_middle_of_an_even_number_of_values():
    column = [1.0, 2, 3, 4] + [np.nan] * 4
    table = pd.DataFrame({"a": column, "void": [np.nan] * 7 + [1.0], "y": [0, 1] * 4})
    found = data(table, target="y", val=0, test=0, normalize=False)
    assert sorted(found.train.x[:, 0].tolist()) == [1, 2, 2.5, 2.5, 2.5, 2.5, 3, 4]
    held_out = data({"test": table}, target="y")
    assert any("median of all rows, there being no training split" in note for note in held_out.notes)
