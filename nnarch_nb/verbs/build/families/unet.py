"""``unet``: down to the whole image and up again, so that every pixel gets an answer.

Ronneberger, Fischer & Brox 2015, U-Net, section 2: two convolutions a level, halved by pooling, doubled
by a transposed convolution, and what was found on the way down joined to what comes up. As is usual today
the convolutions keep the size of the image and are followed by a batch normalization. Weights are drawn as
in He et al. 2015, Delving Deep into Rectifiers, which the paper uses too.
"""

from __future__ import annotations

from collections.abc import Callable

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined
from nnarch_nb.verbs.build.families.words import norm as norm_called

DEEPEST = 4  # halvings in the paper


def write(
    wanted: Wanted,
    width: int = 32,
    depth: int | None = None,
    kernel_size: int = 3,
    activation: str = "relu",
    norm: str = "batch",
    dropout: float = 0.0,
) -> str:
    """Write a U-Net that halves the image ``depth`` times.

    Parameters
    ----------
    wanted
        Images of any size; one that cannot be halved so often is widened by its border and cut back.
    width
        Channels of the first level; each level has twice those of the one above (64 in the paper).
    depth
        By default 4, as in the paper, or fewer for a small image.
    kernel_size
        Of the convolutions; odd.
    activation, norm, dropout
        Of each level; dropout at the bottom, as in the paper.
    """
    most = min(wanted.shape[1:]).bit_length() - 1
    depth = usual_depth(wanted.shape[1:], most) if depth is None else depth
    if depth > most:
        advice = f"use depth={min(DEEPEST, most)}" if most else "use mlp"
        size = "×".join(map(str, wanted.shape[1:]))
        raise NNArchError(f"images of {size} are too small to be halved {depth} times; {advice}")
    if kernel_size % 2 == 0:
        raise NNArchError(f"unet needs an odd kernel to keep its sizes; use kernel_size={kernel_size + 1}")

    def level(number: int) -> str:
        channels = width * 2**number
        after = joined(norm_called(norm, 2, channels), activation_called(activation))
        free = ", bias=False" if norm != "none" else ""
        one = f"Conv2d({channels}, {kernel_size}, padding={kernel_size // 2}{free}), {after}"
        return f"{one}, {one}"

    outputs = wanted.outputs if wanted.kind == "segmentation" else wanted.shape[0]
    before, cut = widened(wanted.shape, 2**depth)
    return "\n".join(
        [
            *levels(level, width, depth, dropped(dropout)),
            joined(before, level(0)),
            "Concat([], level1)",
            level(0),
            joined(f"Conv2d({outputs}, 1)", cut),
        ]
    )


def usual_depth(sides: tuple[int, ...], most: int) -> int:
    """Return 4, or fewer for a small image; if two or more halve it evenly, no more than do.

    Examples
    --------
    >>> usual_depth((128, 96), 6), usual_depth((28, 28), 4), usual_depth((29, 30), 4)
    (4, 2, 3)
    """
    deepest = min(DEEPEST, max(1, most - 1))
    even = max(d for d in range(deepest + 1) if all(side % 2**d == 0 for side in sides))
    return even if even >= 2 else deepest


def levels(level: Callable[[int], str], width: int, depth: int, dropout: str) -> list[str]:
    """Return the parts ``level1`` … from the deepest up: each goes down, through the next, and up again."""
    parts = []
    for number in range(depth, 0, -1):
        inner = [level(number)]
        if number < depth:
            inner += [f"Concat([], level{number + 1})", level(number)]
        up = f"ConvTranspose2d({width * 2 ** (number - 1)}, 2, stride=2)"
        bottom = dropout if number == depth else ""
        parts.append(f"level{number} = [{joined('MaxPool2d(2)', *inner, bottom, up)}]")
    return parts


def widened(shape: tuple[int, ...], unit: int) -> tuple[str, str]:
    """Return the layers that widen an image to a multiple of ``unit`` and that cut the answer back."""
    down, right = (-side % unit for side in shape[1:])
    if not (down or right):
        return "", ""
    return f"ReplicationPad2d((0, {right}, 0, {down}))", f"ZeroPad2d((0, {-right}, 0, {-down}))"


FAMILY = Family(
    "U-Net",
    write,
    forms=("image",),
    kinds=("segmentation", "reconstruction"),
    source="Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation",
    initialise="nnarch_nb.verbs.build.families.initial_vision:he_fan_out",
)
