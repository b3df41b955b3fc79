"""The laws of growth in words: the power at the given size, in the limit, and how it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.views import numbers

if TYPE_CHECKING:
    from nnarch_nb.verbs.compare import Compared, Comparison, Growth

POWERS = {1: "n", 2: "n²", 3: "n³", 4: "n⁴"}
EVEN = 0.05  # exponents nearer than this to a whole number are written as one


def power(exponent: float) -> str:
    """Return ``n²`` or ``n^1.3``.

    Examples
    --------
    >>> power(2), power(1.31), power(0.99), power(0.02)
    ('n²', 'n^1.3', 'n', 'constant')
    """
    whole = round(exponent)
    if abs(exponent - whole) < EVEN:
        return POWERS.get(whole, f"n^{whole}" if whole else "constant")
    return f"n^{exponent:.1f}" if abs(exponent * 10 - round(exponent * 10)) < 0.5 else f"n^{exponent:.2f}"


def law(row: Compared) -> str:
    """Return how the MACs grow: at the given size, and in the limit where that is another power."""
    growth = row.growth
    if growth is None or growth.exponent is None:
        return "fixed size" if row.fixed else "not told" if row.untold else ""
    here = power(growth.exponent)
    limit = here if growth.limit is None else power(growth.limit)
    return here if here == limit else f"{here} → {limit}"


def growing(result: Comparison) -> str:
    costs = {name: growth for name, growth in result.growth.items() if growth.exponent is not None}
    if not any(growth.exponent for growth in costs.values()):
        return ""
    exact = [name for name, growth in costs.items() if growth.limit is not None and growth.fitted]
    near = [name for name, growth in costs.items() if growth.limit is not None and not growth.fitted]
    none = [name for name, growth in costs.items() if growth.limit is None]
    dimensions = " or ".join(sorted({growth.dimension for growth in costs.values()}))
    how = "the exact polynomial of the traced sizes" if exact else "a fit of the traced sizes"
    limit = f" → in the limit, from {how}" if exact or near else ""
    parts = [f"Growth: n is the {dimensions} of the input; the power at the given size{limit}."]
    parts += [f"Within 3 % only, as strides round sizes: {', '.join(near)}."] if near and exact else []
    parts += [f"No limit told, only the slope between traced sizes: {', '.join(none)}."] if none else []
    crossings = [f"n = {numbers.short(at)} in {name}" for name, one in costs.items() if (at := crossing(one))]
    parts += [f"The highest power outweighs the rest from {', '.join(crossings)}."] if crossings else []
    return " ".join(parts)


def crossing(growth: Growth) -> float | None:
    """Return where the highest power takes the lead, if that is not below all sizes looked at."""
    at = growth.crossing
    return at if at and at > growth.points[0].size else None
