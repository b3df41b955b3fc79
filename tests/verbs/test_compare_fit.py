"""The law behind costs at some sizes: exact where they are polynomials, doubtful where they are not."""

from __future__ import annotations

import pytest

from nnarch_nb.verbs.compare import fit

SIZES = (16, 32, 64, 128, 256)


@pytest.mark.parametrize("law", [(7,), (0, 5), (3, -2, 9), (1, 0, 0, 4), (0, 0, 2, 0, 3)])
def test_a_polynomial_is_found_exactly(law: tuple[int, ...]) -> None:
    sizes = (14, 28, 56, 84, 112, 168)
    pairs = [(n, sum(c * n**power for power, c in enumerate(law))) for n in sizes]
    assert fit.polynomial(pairs) == law


def test_as_many_points_as_coefficients_prove_nothing() -> None:
    assert fit.polynomial([(1, 1), (2, 4), (3, 9)]) == ()
    assert fit.polynomial([(1, 1), (2, 4), (3, 9), (4, 16)]) == (0, 0, 1)


def test_one_wrong_value_spoils_it() -> None:
    pairs = [(n, n * n) for n in SIZES]
    assert fit.polynomial([*pairs[:-1], (256, 256 * 256 + 1)]) == ()


def test_small_sizes_that_round_are_left_out() -> None:
    pairs = [(n, (n // 32) ** 2) for n in (16, 32, 64, 96, 128, 192)]
    found, fitted = fit.exact([(14, 3), *pairs[1:]])
    assert fitted == (32, 64, 96, 128, 192)
    assert fit.slope(found, 64) == 2


def test_rounding_everywhere_leaves_a_near_fit() -> None:
    pairs = [(n, n // 4 * 1000 + n % 7 * 90) for n in (100, 203, 411, 822, 1630)]
    assert fit.exact(pairs) == ((), ())
    assert len(fit.nearly(pairs)) == 2


def test_no_law_is_no_answer() -> None:
    pairs = [(n, 2 ** (n // 8)) for n in SIZES]
    assert fit.exact(pairs) == ((), ())
    assert fit.nearly(pairs) == ()


def test_the_crossing_is_where_the_highest_power_overtakes() -> None:
    b, c = 940_572_672, 32_768
    assert fit.crossing((0, b, c)) == pytest.approx(b / c)
    assert fit.crossing((0, 0, 5, 0, 2)) == pytest.approx((5 / 2) ** 0.5)
    assert fit.crossing((4, 0, 9)) is None, "nothing grows beside the highest power"
    assert fit.crossing((-3, 5)) is None


def test_the_exponent_lies_between_the_powers_and_reaches_both_ends() -> None:
    law = (0, 1000, 1)
    assert fit.slope(law, 1) == pytest.approx(1, abs=0.01)
    assert fit.slope(law, 1000) == 1.5
    assert fit.slope(law, 10**6) == pytest.approx(2, abs=0.01)


def test_two_points_have_a_slope_unless_one_is_nothing() -> None:
    assert fit.slope_between((2, 8), (4, 64)) == pytest.approx(3)
    assert fit.slope_between((2, 0), (4, 64)) is None
    assert fit.slope_between((2, 8), (2, 8)) is None
