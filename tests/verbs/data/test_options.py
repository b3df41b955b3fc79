"""Options, as people hold them."""

import numpy as np
import pytest

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data


def test_numpys_numbers_are_numbers():
    options = {"val": np.float32(0.2), "limit": np.int64(60), "seed": np.int64(1)}
    assert repr(data("iris", **options)) == repr(data("iris", val=0.2, limit=60, seed=1))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"normalize": "no"}, "normalize='no' must be True or False"),
        ({"val": np.array([0.1, 0.2])}, "must be a share"),
        ({"limit": np.float64(3)}, "must be a number of samples"),
    ],
)
def test_what_is_no_such_option_is_refused(options, told):
    with pytest.raises(NNArchError, match=told):
        data("iris", **options)


def test_a_data_takes_no_options_any_more():
    iris = data("iris")
    assert data(iris) is iris
    for options in ({"seed": 4}, {"limit": 9}, {"normalize": False}):
        with pytest.raises(NNArchError, match="is a Data already, which options cannot change"):
            data(iris, **options)


@pytest.mark.parametrize(("limit", "told"), [(3, "because of limit=3"), (10, "a larger limit")])
def test_a_limit_that_leaves_too_few_is_the_cause_told(limit, told):
    with pytest.raises(NNArchError, match=told):
        data("iris", limit=limit)
