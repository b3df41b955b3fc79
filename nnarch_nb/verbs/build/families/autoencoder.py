"""``autoencoder``: squeeze a sample through a few numbers and rebuild it from them.

Hinton & Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks, for tables; Masci et
al. 2011, Stacked Convolutional Auto-Encoders, for images. The narrow layer in the middle is the code.
"""

from __future__ import annotations

from math import prod

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined
from nnarch_nb.verbs.build.families.words import norm as norm_called

CODE = 32  # numbers in the middle, at most; half of the features where these are fewer


def write(
    wanted: Wanted,
    width: int | None = None,
    depth: int = 2,
    activation: str = "relu",
    norm: str = "none",
    dropout: float = 0.0,
) -> str:
    """Write an encoder of ``depth`` layers, a code of at most 32 numbers, and the way back.

    Parameters
    ----------
    wanted
        Tables or images.
    width
        Of the first layer: 128 units, of which each further layer has half; or 32 channels, of which each
        further layer, on an image half as large, has twice.
    depth, activation, norm, dropout
        Of the encoder; the decoder mirrors it, without dropout.
    """
    code = max(1, min(CODE, prod(wanted.shape) // 2))
    acts = activation_called(activation)
    if wanted.form == "table":
        return table(wanted.shape[0], width or 128, depth, code, acts, norm, dropout)
    return image(wanted.shape, width or 32, depth, code, acts, norm, dropout)


def table(features: int, width: int, depth: int, code: int, acts: str, norm: str, dropout: float) -> str:
    """Write linear layers down to the code and up again."""
    widths = [max(code, width // 2**i) for i in range(depth)]
    after = joined(norm_called(norm, 0, width), acts)
    down = [joined(f"Linear({units})", after, dropped(dropout)) for units in widths]
    up = [joined(f"Linear({units})", after) for units in reversed(widths)]
    return "\n".join([*down, f"Linear({code})", *up, f"Linear({features})"])


def image(
    shape: tuple[int, ...], width: int, depth: int, code: int, acts: str, norm: str, dropout: float
) -> str:
    """Write convolutions that halve the image, the code, and transposed ones that double it."""
    sizes = [shape[1:]]
    for _ in range(depth):
        sizes.append(tuple(-(-side // 2) for side in sizes[-1]))
    if min(sizes[-2]) < 2:
        fitting = sum(min(size) >= 2 for size in sizes)
        advice = f"use depth={fitting}" if fitting else "use its values as a table"
        raise NNArchError(f"images of {shape[1]}×{shape[2]} cannot be halved {depth} times; {advice}")
    widths = [width * 2**i for i in range(depth)]
    down = [
        joined(f"Conv2d({c}, 3, stride=2, padding=1)", norm_called(norm, 2, c), acts, dropped(dropout))
        for c in widths
    ]
    small = (widths[-1], *sizes[-1])
    middle = [f"Flatten(), Linear({code})", f"Linear({prod(small)}), {acts}, Unflatten(1, {small})"]
    up = []
    for channels, size in zip([*reversed(widths[:-1]), shape[0]], reversed(sizes[:-1]), strict=True):
        last = channels == shape[0] and size is sizes[0]
        after = "" if last else joined(norm_called(norm, 2, channels), acts)
        up.append(joined(doubled(channels, size), after))
    return "\n".join([*down, *middle, *up])


def doubled(channels: int, size: tuple[int, ...]) -> str:
    """Write the transposed convolution that gives an image of ``size``, odd or even."""
    more = tuple(1 - side % 2 for side in size)
    padding = f"output_padding={more[0] if more[0] == more[1] else more}"
    return f"ConvTranspose2d({channels}, 3, stride=2, padding=1, {padding})"


FAMILY = Family(
    "Autoencoder",
    write,
    forms=("table", "image"),
    kinds=("reconstruction",),
    source="Hinton & Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks",
)
