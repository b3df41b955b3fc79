"""Figures are written the same everywhere."""

import pytest

from nnarch_nb.views import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1.00 K"), (999_600, "1.00 M"), (12_038_656, "12.0 M"), (131e9, "131 G"),
     (None, "–")],
)  # fmt: skip
def test_short(value, text):
    assert numbers.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (9.996, "10.0"), (0.733, "0.733"), (-95.3, "−95.3"), (1e-7, "1.00e−07"), (1e6, "1,000,000"),
     (float("-inf"), "−inf")],
)  # fmt: skip
def test_significant(value, text):
    assert numbers.significant(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "50.0 %"), (None, "not measured"), (float("nan"), "not measured")]
)
def test_percent(value, text):
    assert numbers.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "< 1 ms"), (0.9, "900 ms"), (59.99, "60.0 s"), (3600, "60 min 0 s")]
)
def test_seconds(value, text):
    assert numbers.seconds(value) == text
