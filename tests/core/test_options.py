from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from nnarch_nb.core.options import require_bool, require_names, require_number, require_whole
from nnarch_nb.errors import NNArchError

HUGE = pytest.param(10**5000, id="huge")  # too long to be written out


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_become_plain(value):
    assert require_whole("n", value, 1) == 3
    assert type(require_whole("n", value, 1)) is int


@pytest.mark.parametrize("value", [0, 2**63, HUGE, 3.0, True, np.bool_(True), "3", None])
def test_what_is_no_whole_number_in_range_is_one_line(value):
    with pytest.raises(NNArchError, match=r"^n must be a whole number of at least 1, not "):
        require_whole("n", value, 1)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int8(2), Fraction(2)])
def test_numbers_become_plain(value):
    assert require_number("lr", value, above=0) == 2.0
    assert type(require_number("lr", value, above=0)) is float


@pytest.mark.parametrize(
    "value", [0, math.inf, math.nan, 10**400, HUGE, Fraction(10**400), 1j, True, "2", None]
)
def test_what_no_float_can_hold_is_one_line(value):
    with pytest.raises(NNArchError, match=r"^lr must be a finite number above 0, not "):
        require_number("lr", value, above=0)


@pytest.mark.parametrize("value", [True, False, np.bool_(True), np.bool_(False)])
def test_true_and_false(value):
    assert require_bool("training", value) is bool(value)


@pytest.mark.parametrize("value", ["yes", "False", 1, 0, None, [True]])
def test_what_counts_as_true_is_not_true(value):
    with pytest.raises(NNArchError, match="training must be True or False, not"):
        require_bool("training", value)


@pytest.mark.parametrize("value", [5, None, [1], {"a": 1}])
def test_what_is_no_list_of_names(value):
    with pytest.raises(NNArchError, match="columns must be a list of names, not"):
        require_names("columns", value)
