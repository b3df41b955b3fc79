"""Whether the first row is a header, where it holds numbers."""

import numpy as np
import pandas as pd
import pytest

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "t.csv")


def test_numbers_among_the_names_are_names(path):
    pd.DataFrame(np.random.default_rng(0).random((60, 3))).assign(y=["a", "b"] * 30).to_csv(path, index=False)
    assert data(path, target="y").features == ("0", "1", "2")
    with pytest.raises(NNArchError, match="begins with 0, 1, 2, y, and target='yy' is none of these"):
        data(path, target="yy")


def test_a_first_row_of_numbers_is_a_header_if_it_holds_the_target_and_this_is_told(path):
    pd.DataFrame(np.random.default_rng(0).random((60, 3))).to_csv(path, index=False)
    found = data(path, target="2")
    assert found.features == ("0", "1")
    assert "the first row is the header, as it holds '2'" in found.notes
    assert "no header row: columns are called c0 to c2" in data(path, target="c2").notes
