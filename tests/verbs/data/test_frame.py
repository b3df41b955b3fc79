"""Columns of Python's own objects, and names that would clash."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.core.data import Column
from nnarch_nb.verbs.data import data


@pytest.mark.parametrize(
    ("values", "kind", "missing"),
    [
        ([1.5, 2], "number", 0),
        ([1, 2], "integer", 0),
        ([1.5, None], "number", 20),
        ([pd.NA, 2], "integer", 20),
        ([Decimal("1.5"), 2], "number", 0),
        (["1", "2"], "category", 0),
        ([True, None], "category", 20),
    ],
)
def test_objects_that_are_all_numbers_are_numbers(values, kind, missing):
    table = pd.DataFrame({"a": pd.Series(values * 20, dtype=object), "b": range(40), "y": [0, 1] * 20})
    column = data(table, target="y").columns[0]
    assert (column.kind, column.missing) == (kind, missing)


def test_a_target_of_number_objects_is_predicted():
    table = pd.DataFrame({"a": range(40), "y": pd.Series(np.linspace(0, 1, 40), dtype=object)})
    assert data(table, target="y").kind == "regression"


def test_text_that_reads_as_numbers_has_a_cure():
    table = pd.DataFrame({"a": [str(i) for i in range(200)], "y": [0, 1] * 100})
    with pytest.raises(NNArchError, match=r"reads as numbers \(make it so with pandas.to_numeric\)"):
        data(table, target="y")


def test_no_value_and_the_word_missing_are_two_categories():
    table = pd.DataFrame({"a": ["missing", None] * 20, "y": [0, 1] * 20})
    found = data(table, target="y", val=0, test=0)
    assert found.columns == (Column("a", "category", 20, 2),)
    assert len(set(found.features)) == 2
    assert not torch.equal(*found.train.x.unique(dim=0))


def test_a_target_called_split_keeps_its_name():
    table = data(pd.DataFrame({"a": np.arange(40.0), "split": [0, 1] * 20}), target="split").to_pandas()
    assert list(table) == ["a", "split", "split_0"]
    assert set(table["split_0"]) == {"train", "val", "test"}
