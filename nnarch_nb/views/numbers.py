"""How figures are written, the same in table, strip, graph and text."""

from __future__ import annotations

import math
from collections.abc import Iterable

NONE = "–"
NOT_MEASURED = "not measured"


def count(n: int | None) -> str:
    """Return all digits, grouped; nothing and zero are a dash.

    Examples
    --------
    >>> count(1199882), count(0)
    ('1,199,882', '–')
    """
    return f"{n:,}" if n else NONE


def short(n: float | None, unit: str = "") -> str:
    """Return three digits and a magnitude.

    Examples
    --------
    >>> short(1199882), short(320), short(4_799_528, "B")
    ('1.20 M', '320', '4.80 MB')
    """
    if n is None:
        return NONE
    for size, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")):
        if abs(n) >= size * 0.9995:
            return f"{digits(n / size)} {name}{unit}"
    return f"{n:.0f}{' ' + unit if unit else ''}"


def digits(value: float) -> str:
    """Return three significant digits, or all before the point."""
    return f"{value:.{max(0, 2 - len(str(int(abs(value)))) + 1)}f}"


def significant(value: float, places: int = 3) -> str:
    """Return so many digits, a power of ten only where there would be many zeros.

    Examples
    --------
    >>> significant(2902.3), significant(57.0), significant(-0.01134), significant(4e30)
    ('2,902', '57.0', '−0.0113', '4.00e+30')
    """
    if value == 0 or not math.isfinite(value):
        return minus(f"{value:g}")
    power = f"{value:.{places - 1}e}"
    size = int(power.partition("e")[2])
    return minus(f"{value:,.{max(0, places - 1 - size)}f}" if -5 < size < 7 else power)


def minus(written: str) -> str:
    """Return a number with a minus sign that no one takes for a hyphen or a dash.

    Examples
    --------
    >>> minus("-95.3")
    '−95.3'
    """
    return written.replace("-", "−")


def percent(share: float | None, places: int = 1) -> str:
    """Return a share in per cent; what was not measured says so.

    Examples
    --------
    >>> percent(0.9873), percent(None)
    ('98.7 %', 'not measured')
    """
    return NOT_MEASURED if share is None or share != share else f"{100 * share:.{places}f} %"


def shape(sizes: Iterable[int] | None) -> str:
    """Return ``32×26×26``.

    Examples
    --------
    >>> shape((32, 26, 26)), shape(())
    ('32×26×26', 'scalar')
    """
    return NONE if sizes is None else "×".join(map(str, sizes)) or "scalar"


def seconds(duration: float) -> str:
    """Return a duration a person can grasp.

    Examples
    --------
    >>> seconds(0.0123), seconds(0.0002), seconds(8.71), seconds(135), seconds(11540)
    ('12 ms', '< 1 ms', '8.7 s', '2 min 15 s', '3 h 12 min')
    """
    if 0 <= duration < 0.0005:  # no work takes 0 ms
        return "< 1 ms"
    if duration < 1:
        return f"{1000 * duration:.0f} ms"
    if duration < 100:
        return f"{duration:.1f} s"
    if duration < 7200:
        return f"{int(duration // 60)} min {int(duration % 60)} s"
    return f"{int(duration // 3600)} h {int(duration % 3600 // 60)} min"
