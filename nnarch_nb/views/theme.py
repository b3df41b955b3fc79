"""Colours: one meaning each, told apart by colour-blind eyes, on light and dark ground.

The palettes are Okabe and Ito's (2008) and Paul Tol's "bright" (2021).
"""

from __future__ import annotations

from nnarch_nb.errors import pick

FAMILIES = ("convolution", "linear", "activation", "attention", "recurrent", "pooling")
PALETTES = {
    "okabe-ito": ("#0072B2", "#009E73", "#E69F00", "#CC79A7", "#D55E00", "#56B4E9"),
    "tol-bright": ("#4477AA", "#228833", "#CCBB44", "#AA3377", "#EE6677", "#66CCEE"),
}
GREY = "#999999"

_active = "okabe-ito"


def use(palette: str) -> None:
    """Show every later result in this palette."""
    global _active
    pick(palette, PALETTES, "palette")
    _active = palette


def family_colour(family: str) -> str:
    """Return the colour of a layer family; what has no colour of its own is grey."""
    return dict(zip(FAMILIES, PALETTES[_active], strict=True)).get(family, GREY)


def series(number: int) -> str:
    """Return the colour of the n-th curve: blue, vermilion, then the others."""
    order = (0, 4, 1, 3, 2, 5)
    return PALETTES[_active][order[number % len(order)]]
