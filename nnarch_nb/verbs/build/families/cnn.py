"""``cnn``: convolutions, a pooling and a hidden layer.

With its defaults it is the article's SimpleCNN, with the pooling that its published code lacks.
"""

from __future__ import annotations

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined
from nnarch_nb.verbs.build.families.words import norm as norm_called

HIDDEN = 128  # units of the layer between the feature maps and the classes
MOST_CHANNELS = 4096


def write(
    wanted: Wanted,
    width: int = 32,
    depth: int = 2,
    kernel_size: int = 3,
    activation: str = "relu",
    norm: str = "none",
    dropout: float = 0.25,
    residual: bool = False,
) -> str:
    """Write ``depth`` convolutions that double the channels from ``width`` on, then pool and classify.

    With ``residual`` each convolution keeps the size of the image, so that it can be added to what came
    before it.
    """
    acts = activation_called(activation)
    refuse_beyond(wanted.shape, width, depth, kernel_size, residual)
    blocks = [
        block(width * 2**i, kernel_size, norm_called(norm, 2, width * 2**i), acts, residual)
        for i in range(depth)
    ]
    blocks[-1] += ", MaxPool2d(2)"
    head = [joined(dropped(dropout), "Flatten()"), f"Linear({HIDDEN}), {acts}", f"Linear({wanted.outputs})"]
    return "\n".join([*blocks, *head])


def block(channels: int, kernel_size: int, norm: str, acts: str, residual: bool) -> str:
    """Write one convolution; a residual one has a convolution of 1×1 beside it, as the channels change."""
    if not residual:
        return joined(f"Conv2d({channels}, {kernel_size})", norm, acts)
    body = joined(f"Conv2d({channels}, {kernel_size}, padding={kernel_size // 2})", norm)
    return f"Residual({body}, shortcut=[Conv2d({channels}, 1)]), {acts}"


def refuse_beyond(shape: tuple[int, ...], width: int, depth: int, kernel_size: int, residual: bool) -> None:
    """Raise an error that proposes what fits, if images end before the layers do, or channels do not."""
    if residual and kernel_size % 2 == 0:
        raise NNArchError(
            f"residual needs an odd kernel, which keeps the size of the image; "
            f"use kernel_size={kernel_size + 1}"
        )
    lost = 0 if residual else kernel_size - 1
    if min(shape[1:]) < lost * depth + 2:
        fitting = (min(shape[1:]) - 2) // lost if lost else 0
        advice = f"use depth={fitting}, or mlp" if fitting > 0 else "try mlp"
        raise NNArchError(
            f"images of {shape[1]}×{shape[2]} are too small for {depth} convolutions of "
            f"{kernel_size}×{kernel_size} and a pooling; {advice}"
        )
    if depth > (most := max(1, (MOST_CHANNELS // width).bit_length())):
        raise NNArchError(
            f"{depth} convolutions double the channels beyond {MOST_CHANNELS}; use depth={most}"
        )


FAMILY = Family(
    "SimpleCNN",
    write,
    forms=("image",),
    source="LeCun et al. 1998, Gradient-based learning applied to document recognition, section II",
)
