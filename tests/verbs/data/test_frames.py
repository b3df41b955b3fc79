"""Tables by split: encoded by what the training table holds, and by nothing else."""

import numpy as np
import pandas as pd
import pytest

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data

TRAIN = pd.DataFrame({"a": np.arange(40.0), "city": ["Ulm", "Zug"] * 20, "void": np.nan, "y": [0, 1] * 20})
TEST = TRAIN[:10].assign(a=np.nan, city=["Ulm", "Bern"] * 5, void=1.0)


def test_a_dict_of_tables_is_encoded_by_its_training_table():
    found = data({"train": TRAIN, "test": TEST}, target="y", normalize=False)
    assert (len(found.train), len(found.val), len(found.test)) == (40, 0, 10)
    assert found.features == ("a", "city=Ulm", "city=Zug")
    assert found.test.x[:2].tolist() == [[19.5, 1, 0], [19.5, 0, 0]]
    assert (found.target, found.test.y.tolist()) == ("y", [0, 1] * 5)
    assert "values that train lacks are all zeros: city" in found.notes


def test_columns_of_tables_by_split_can_be_left_out():
    assert data({"train": TRAIN, "test": TEST}, target="y", drop="city").features == ("a",)


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        ({"train": TRAIN, "test": TEST}, {}, "train is a DataFrame: name the column to predict with target="),
        ({"train": TRAIN, "test": TEST}, {"target": "z"}, "train has no column 'z' for target"),
        ({"train": TRAIN, "test": TEST[["a", "y"]]}, {"target": "y"}, "differ in their columns"),
        ((TRAIN, TEST), {"target": "y"}, "a dict of DataFrames by split, not of tuple"),
    ],
)
def test_tables_that_do_not_fit_are_refused(source, options, told):
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data(source, **options)
    assert told in str(error.value)
