"""Wilson's interval against published values and its own definition."""

from math import isnan, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnarch_nb.core.stats import Z95, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_intervals(hits, n, low, high):
    share = wilson(hits, n)
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_its_ends_are_where_the_score_test_turns(hits_n):
    hits, n = hits_n
    share = wilson(hits, n)
    assert 0 <= share.low <= share.value <= share.high <= 1
    for end in (share.low, share.high):
        if 0 < end < 1:
            assert abs(hits / n - end) == pytest.approx(Z95 * sqrt(end * (1 - end) / n), rel=1e-6, abs=1e-9)


def test_nothing_measured_says_nothing():
    share = wilson(0, 0)
    assert isnan(share.value)
    assert (share.low, share.high) == (0, 1)
