"""From costs at some sizes to the law behind them: exactly where the costs are whole-number polynomials.

The MACs of a network whose sizes divide evenly are a polynomial of the input's size. It is found by
Newton's divided differences in fractions: no rounding, so "exact" means exact. Where strides round sizes
down, one or two powers within a few per cent are looked for instead: no more, as three free coefficients
turn n log n into n² as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

MOST_DEGREE = 4  # attention over the pixels of an image, against its side
NEAR = 0.03  # relative error of a fit that is called one
SPARE = 3  # points beyond the coefficients of such a fit
SHARE = 0.5  # of the leading power in it at the largest size, at least
SAME_SLOPE = 0.05  # between the fit and the two largest sizes

Pairs = Sequence[tuple[int, int]]


def polynomial(pairs: Pairs) -> tuple[Fraction, ...]:
    """Return the lowest polynomial through all points, the constant first; () if there is none.

    At least one point more than the polynomial needs has to lie on it.

    Examples
    --------
    >>> [int(c) for c in polynomial([(n, 3 * n * n + 5 * n) for n in (4, 8, 16, 32)])]
    [0, 5, 3]
    >>> polynomial([(1, 1), (2, 3), (4, 3), (8, 5)])
    ()
    """
    newton = divided_differences(pairs)
    degree = max((place for place, value in enumerate(newton) if value), default=0)
    if degree > len(pairs) - 2 or degree > MOST_DEGREE:
        return ()
    return expanded(newton[: degree + 1], [size for size, _ in pairs])


def law(pairs: Pairs) -> tuple[tuple[Fraction, ...] | tuple[float, ...], tuple[int, ...]]:
    """Return the polynomial, the constant first, and the sizes that it holds exactly at; () for none."""
    found, fitted = exact(pairs)
    return (found, fitted) if found else (nearly(pairs), ())


def divided_differences(pairs: Pairs) -> list[Fraction]:
    """Return the coefficients of Newton's form of the polynomial through all points."""
    sizes = [size for size, _ in pairs]
    column = [Fraction(value) for _, value in pairs]
    first = column[:1]
    for order in range(1, len(pairs)):
        column = [(column[i + 1] - column[i]) / (sizes[i + order] - sizes[i]) for i in range(len(column) - 1)]
        first.append(column[0])
    return first


def expanded(newton: Sequence[Fraction], sizes: Sequence[int]) -> tuple[Fraction, ...]:
    """Return the coefficients of the powers, from Newton's form at these sizes."""
    result = [Fraction(0)]
    for value, size in zip(reversed(newton), reversed(sizes[: len(newton)]), strict=True):
        raised = [Fraction(0), *result]
        result = [a - size * b for a, b in zip(raised, [*result, Fraction(0)], strict=True)]
        result[0] += value
    return tuple(result[: len(newton)])


def exact(pairs: Pairs) -> tuple[tuple[Fraction, ...], tuple[int, ...]]:
    """Return a polynomial that holds exactly, and the sizes it holds at; sizes that round are left out.

    Small sizes go first, as strides round them; then every size but the multiples of twice the smallest.
    """
    for some in (*(pairs[start:] for start in range(max(1, len(pairs) - 3))), even(pairs)):
        found = polynomial(some) if len(some) >= 3 else ()
        if found and found[-1] > 0:
            return found, tuple(size for size, _ in some)
    return (), ()


def even(pairs: Pairs) -> Pairs:
    smallest = min(size for size, _ in pairs)
    return [(size, value) for size, value in pairs if size % (4 * smallest) == 0]


def nearly(pairs: Pairs) -> tuple[float, ...]:
    """Return one or two powers that err by less than ``NEAR`` at every point; () if there are none.

    The coefficients are above 0, several points are to spare, the higher power is a real share of the cost,
    and the slope at the end is that of the points.
    """
    if not all(value for _, value in pairs):
        return ()
    for degree in range(1, MOST_DEGREE + 1):
        for powers in ((degree,), *((lower, degree) for lower in range(degree))):
            found = fitted(pairs, powers)
            if found and convinces(found, pairs):
                return found
    return ()


def fitted(pairs: Pairs, powers: tuple[int, ...]) -> tuple[float, ...]:
    """Return the coefficients with the least relative error, the constant first; () if points are missing."""
    import numpy as np

    if len(pairs) < len(powers) + SPARE:
        return ()
    sizes, values = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    columns = (sizes[:, None] / sizes.max()) ** np.array(powers)
    found, *_ = np.linalg.lstsq(columns / values[:, None], np.ones(len(pairs)), rcond=None)
    known = dict(zip(powers, found, strict=True))
    return tuple(float(known.get(power, 0.0) / sizes.max() ** power) for power in range(powers[-1] + 1))


def convinces(found: tuple[float, ...], pairs: Pairs) -> bool:
    costs = [sum(c * size**power for power, c in enumerate(found)) for size, _ in pairs]
    largest = pairs[-1][0]
    if min(found) < 0 or found[-1] * largest ** (len(found) - 1) < SHARE * costs[-1]:
        return False
    if max(abs(cost / value - 1) for cost, (_, value) in zip(costs, pairs, strict=True)) >= NEAR:
        return False
    (before, earlier), last = pairs[-2], pairs[-1]
    measured = slope_between((before, earlier), last)
    return measured is not None and abs(slope(found, math.sqrt(before * largest)) - measured) < SAME_SLOPE


def slope(coefficients: Iterable[float | Fraction], size: float) -> float:
    """Return the exponent of a polynomial at a size: the slope of its logarithm against that of the size.

    Examples
    --------
    >>> slope((0, 100, 1), 100)
    1.5
    """
    terms = [(power, float(c) * size**power) for power, c in enumerate(coefficients)]
    total = sum(term for _, term in terms)
    return sum(power * term for power, term in terms) / total


def slope_between(first: tuple[int, int], second: tuple[int, int]) -> float | None:
    """Return the exponent between two points; None where a value is 0."""
    (n, cost), (m, more) = first, second
    return math.log(more / cost) / math.log(m / n) if cost and more and m != n else None


def crossing(coefficients: Sequence[float | Fraction]) -> float | None:
    """Return where the highest power overtakes all lower ones together; None if it always leads.

    Examples
    --------
    >>> crossing((0, 100, 1)), crossing((0, 0, 1))
    (100.0, None)
    """
    import numpy as np

    values = np.array([float(c) for c in coefficients])
    if len(values) < 3 or not (values[1:-1] > 0).any():
        return None
    roots = np.roots([values[-1], *-values[-2::-1]])
    real = [float(root.real) for root in roots if abs(root.imag) < 1e-9 * max(1.0, abs(root))]
    return max((root for root in real if root >= 1), default=None)
