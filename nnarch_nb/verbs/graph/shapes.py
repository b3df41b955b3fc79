"""Shapes as the picture writes them: ``B`` where a batch was made from one sample."""

from __future__ import annotations

Shape = tuple[int, ...]


def shape_text(shape: Shape, per_sample: bool) -> str:
    """Return the sizes.

    Examples
    --------
    >>> shape_text((1, 3, 8), True), shape_text((7, 3, 8), False), shape_text((), True)
    ('B×3×8', '7×3×8', 'scalar')
    """
    sizes = ("B", *shape[1:]) if per_sample and shape[:1] == (1,) else shape
    return "×".join(map(str, sizes)) or "scalar"


def shapes_text(shapes: tuple[Shape, ...], per_sample: bool) -> str:
    """Return the first shape, and how many more there are."""
    more = f" +{len(shapes) - 1}" if len(shapes) > 1 else ""
    return shape_text(shapes[0], per_sample) + more if shapes else ""
