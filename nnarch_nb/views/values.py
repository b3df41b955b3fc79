"""Values from data as people write them: no zeros that the data did not have."""

from __future__ import annotations

from nnarch_nb.views import numbers


def value(number: float, digits: int = 4) -> str:
    """Return as many significant digits, and all before the point; zeros at the end go.

    Examples
    --------
    >>> value(11243.0), value(293.4, 2), value(-4.5), value(0.01204), value(1.2e-7)
    ('11,243', '293', '−4.5', '0.01204', '1.2e−07')
    """
    mantissa, exponent, power = numbers.significant(number or 0.0, digits).partition("e")
    shorter = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{shorter}{exponent}{power}"


def signed(number: float, digits: int = 2) -> str:
    """Return the same with its sign.

    Examples
    --------
    >>> signed(130.2), signed(-0.25), signed(-0.0)
    ('+130', '−0.25', '0')
    """
    return f"{'+' if number > 0 else ''}{value(number, digits)}"
