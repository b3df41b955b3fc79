"""What an interpolation reads: from which old positions each new one is made, as a window.

Torch places the new positions on the old grid and reads the nearest there, or a few around. Where the grids
do not match, positions differ in what they read; the window then covers them all, so that no receptive field
is told too small.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from nnarch_nb.core.trace.record import Window

HALF = Fraction(1, 2)
SLACK = Fraction(1, 1000)  # of a position: what rounding may do to where it lies
EXACT = {2**power for power in range(8)}  # denominators that floating-point numbers hold without rounding


class Method(NamedTuple):
    """How new positions are made of old ones.

    Attributes
    ----------
    start
        Where in its cell a new position lies.
    between
        The old ones lie there as well, and a new one is made of several: of ``before`` and ``after`` many
        besides the one below, unless it lies on one.
    """

    start: Fraction
    between: bool = False
    before: int = 0
    after: int = 0

    def place(self, q: int, step: Fraction, corners: bool) -> Fraction:
        """Return where a new position lies on the old grid."""
        start = Fraction(0) if corners else self.start
        return (q + start) * step - (start if self.between else 0)

    def read(self, place: Fraction, slack: Fraction) -> tuple[int, int]:
        """Return the first and the last old position that is read for one lying there."""
        if self.between and not slack and place.denominator == 1:
            return int(place), int(place)
        return floor(place - slack) - self.before, floor(place + slack) + self.after


METHODS = {
    **dict.fromkeys((f"upsample_nearest{n}d" for n in (1, 2, 3)), Method(Fraction(0))),
    **dict.fromkeys((f"_upsample_nearest_exact{n}d" for n in (1, 2, 3)), Method(HALF)),
    **dict.fromkeys(
        ("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d"), Method(HALF, True, 0, 1)
    ),
    "upsample_bicubic2d": Method(HALF, True, 1, 2),
}


def resampled(
    method: Method, given: Sequence[int], wanted: Sequence[int], options: Sequence[Any]
) -> Window | None:
    """Return the window of an interpolation; None where all come from one position.

    Parameters
    ----------
    method
        One of ``METHODS``.
    given, wanted
        The sides of the old grid and of the new one.
    options
        What the kernel is given besides: for all but the nearest whether corners are aligned, then scales.
    """
    corners = bool(options and options[0]) if method.between else False
    scales = each_scale(options[1:] if method.between else options, len(given))
    sides = [
        along_side(method, int(a), int(b), scale, corners)
        for a, b, scale in zip(given, wanted, scales, strict=True)
    ]
    known = [side for side in sides if side is not None]
    return joined(known) if len(known) == len(sides) else None


def each_scale(given: Sequence[Any], count: int) -> tuple[float | None, ...]:
    """Return the scales that were asked for by side; the whole function has them in one list."""
    listed = given[0] if given and isinstance(given[0], (list, tuple)) else given
    return (*(listed or ()), *[None] * count)[:count]


def joined(sides: list[Window]) -> Window:
    """Return windows along one dimension each as one."""
    return Window(
        tuple(side.size[0] for side in sides),
        tuple(side.stride[0] for side in sides),
        tuple(side.padding[0] for side in sides),
        uneven=any(side.uneven for side in sides),
    )


def along_side(method: Method, given: int, wanted: int, scale: float | None, corners: bool) -> Window | None:
    step = step_of(given, wanted, scale, corners)
    if not step:
        return None
    slack = Fraction(0) if step.denominator in EXACT else SLACK
    # How positions lie on the old grid repeats after as many as the denominator says.
    turn = range(min(wanted, step.denominator))
    ends = [(*method.read(method.place(q, step, corners), slack), q * step) for q in turn]
    first, last = min(low - at for low, _, at in ends), max(high - at for _, high, at in ends)
    uneven = bool(slack) or any((low - at, high - at) != (first, last) for low, high, at in ends)
    return Window((last - first + 1,), (step,), (-first,), uneven=uneven)


def step_of(given: int, wanted: int, scale: float | None, corners: bool) -> Fraction:
    """Return how far the old grid moves on from one new position to the next, as torch reckons it."""
    if corners:
        return Fraction(given - 1, wanted - 1) if wanted > 1 else Fraction(0)
    return Fraction(1 / scale).limit_denominator(1000) if scale else Fraction(given, wanted)
