"""Architectures by name: each is a text in the layer language, so it can be read and changed.

``FAMILIES`` is the one table. An entry takes the options of ``build`` that it knows; an option that it
does not name is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnarch_nb.errors import NNArchError


@dataclass(frozen=True)
class Family:
    """One architecture.

    Attributes
    ----------
    title
        What a network of this family is called in titles.
    write
        ``write(shape, classes, **options) -> text`` in the layer language.
    """

    title: str
    write: Callable[..., str]


def mlp(shape: tuple[int, ...], classes: int, width: int = 128, depth: int = 2, dropout: float = 0.0) -> str:
    """Write ``depth`` hidden layers of ``width`` units with ReLU: the article's feedforward network."""
    lines = ["Flatten()"] if len(shape) > 1 else []
    hidden = f"Linear({width}), ReLU()" + (f", Dropout({dropout})" if dropout else "")
    return "\n".join([*lines, *[hidden] * depth, f"Linear({classes})"])


def cnn(shape: tuple[int, ...], classes: int, width: int = 32, depth: int = 2, dropout: float = 0.25) -> str:
    """Write the article's SimpleCNN, with the pooling that its published code lacks.

    ``depth`` convolutions of 3×3 double the channels from ``width`` on, then one pooling and a hidden
    layer of 128.
    """
    if len(shape) != 3:
        raise NNArchError(f"cnn takes images (channels, height, width) but the input is {shape}; try mlp")
    if min(shape[1:]) < 2 * depth + 2:
        raise NNArchError(
            f"images of {shape[1]}×{shape[2]} are too small for {depth} convolutions of 3×3 and a pooling; "
            f"use a smaller depth or mlp"
        )
    convolutions = [f"Conv2d({width * 2**i}, 3), ReLU()" for i in range(depth)]
    convolutions[-1] += ", MaxPool2d(2)"
    dropped = f"Dropout({dropout}), " if dropout else ""
    return "\n".join([*convolutions, f"{dropped}Flatten()", "Linear(128), ReLU()", f"Linear({classes})"])


FAMILIES: dict[str, Family] = {
    "mlp": Family("MLP", mlp),
    "cnn": Family("SimpleCNN", cnn),
}
