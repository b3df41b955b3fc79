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


def test_targets_in_another_order_than_their_samples_are_refused():
    x, y = TRAIN[["a"]], TRAIN["y"]
    shuffled = y.sample(frac=1, random_state=0)
    with pytest.raises(NNArchError, match=r"same names in another order.*y.loc\[x.index\]"):
        data((x, shuffled))
    with pytest.raises(NNArchError, match="same names in another order"):
        data((TRAIN["city"], shuffled))
    assert len(data((x, shuffled.loc[x.index]), val=0, test=0).train) == 40
    assert len(data((x.sample(frac=1), y.reset_index(drop=True).set_axis(range(40, 80))), val=0).train) == 34


class Polars:
    """What is used of a column of polars."""

    name = "y"

    def __init__(self, values):
        self.values, self.dtype = values, self

    def is_numeric(self):
        return not isinstance(self.values[0], str)

    def null_count(self):
        return self.values.count(None)

    def to_numpy(self):
        return np.array(self.values)

    def to_list(self):
        return self.values


class DataFrame:
    """What is used of a table of polars."""

    def __init__(self, **columns):
        self.held, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return self.held[name]


def test_a_table_of_polars_is_read_by_its_columns(monkeypatch):
    monkeypatch.setattr(DataFrame, "__module__", "polars.dataframe.frame")
    table = DataFrame(
        a=Polars([1, 2, 3, None] * 10), city=Polars(["Ulm", "Zug"] * 20), y=Polars([0, 1, 1, 0] * 10)
    )
    found = data(table, target="y", val=0, test=0)
    assert found.features == ("a", "city=Ulm", "city=Zug")
    assert found.columns[0].missing == 10
    assert data({"train": table, "test": table}, target="y").test.x.shape == (40, 3)
