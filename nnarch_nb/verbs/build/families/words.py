"""The option words that several families share, and the layers they stand for."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

from nnarch_nb.errors import NNArchError, pick

ACTIVATIONS = {
    "relu": "ReLU()",
    "gelu": "GELU()",
    "silu": "SiLU()",
    "tanh": "Tanh()",
    "elu": "ELU()",
    "leaky-relu": "LeakyReLU(0.01)",
    "sigmoid": "Sigmoid()",
}
GROUPS = 32  # Wu & He 2018, Group Normalization, section 3: the default number of groups


def activation(word: str) -> str:
    """Return the layer of an activation's name.

    Examples
    --------
    >>> activation("gelu")
    'GELU()'
    """
    return pick(word, ACTIVATIONS, "activation")


def instance(dims: int, channels: int) -> str:
    if not dims:
        raise NNArchError("norm='instance' needs pixels or steps to measure over; a table has batch or layer")
    return f"InstanceNorm{dims}d(affine=True)"


NORMS: dict[str, Callable[[int, int], str]] = {
    "none": lambda dims, channels: "",
    "batch": lambda dims, channels: f"BatchNorm{dims or 1}d()",
    # One group is the layer normalization of a feature map: over channels and pixels together.
    "layer": lambda dims, channels: "GroupNorm(1)" if dims else "LayerNorm()",
    "group": lambda dims, channels: f"GroupNorm({gcd(GROUPS, channels)})",
    "instance": instance,
}


def norm(word: str, dims: int, channels: int) -> str:
    """Return the normalization of a feature map with ``dims`` dimensions, or nothing for ``none``.

    Parameters
    ----------
    word
        ``batch``, ``layer``, ``group``, ``instance`` or ``none``.
    dims
        0 for features, 1 for series, 2 for images.
    channels
        How many there are; groups must divide them.

    Examples
    --------
    >>> norm("batch", 2, 64), norm("group", 2, 48), norm("none", 2, 64)
    ('BatchNorm2d()', 'GroupNorm(16)', '')
    """
    return pick(word, NORMS, "norm")(dims, channels)


def joined(*layers: str) -> str:
    """Return the layers that there are, parted by commas: those of one thought on one line.

    Examples
    --------
    >>> joined("Linear(8)", "", "ReLU()")
    'Linear(8), ReLU()'
    """
    return ", ".join(layer for layer in layers if layer)


def dropped(share: float) -> str:
    return f"Dropout({share:g})" if share else ""
