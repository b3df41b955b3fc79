"""Shapes as a reader wants them: of one sample where one sample was asked about."""

from __future__ import annotations

from typing import Any

from nnarch_nb.views import numbers


def written(shapes: tuple[Any, ...] | None, per_sample: bool) -> str:
    """Return ``32×26×26`` for a shape, ``1×16 +2`` for the first of three.

    Parameters
    ----------
    shapes
        A shape, a tuple of shapes, or None.
    per_sample
        Leave out the leading batch of one.

    Examples
    --------
    >>> written((1, 32, 26, 26), True), written(((1, 5), (2, 1, 5)), True), written((7, 5), False)
    ('32×26×26', '5 +1', '7×5')
    """
    if shapes is None:
        return numbers.NONE
    if shapes and isinstance(shapes[0], tuple):
        more = f" +{len(shapes) - 1}" if len(shapes) > 1 else ""
        return written(shapes[0], per_sample) + more
    return numbers.shape(shapes[1:] if per_sample and shapes[:1] == (1,) else shapes)
