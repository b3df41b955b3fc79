"""``hybrid``: convolutions find what is near, then a second network relates what is far.

For images the stem of Xiao et al. 2021, Early Convolutions Help Transformers See Better, section 4: a few
convolutions that halve the image take the place of the patches of a vision transformer (the hybrid of
Dosovitskiy et al. 2021, section 3.1). For series convolutions over time, then a recurrent layer, as in
Ordóñez & Roggen 2016, Deep Convolutional and LSTM Recurrent Neural Networks, section 3.
"""

from __future__ import annotations

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.steps import refuse_uneven
from nnarch_nb.verbs.build.families.vit import NORM, encoder_block
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined

HALVINGS = 4  # as many as the stem of the paper has, at most
SIDE = 8  # pixels of the map that the transformer reads, at most where 4 halvings get there
NARROWEST = 16  # channels
CONVOLUTIONS = 2  # over time


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 2,
    heads: int | None = None,
    kernel_size: int = 3,
    activation: str = "relu",
    dropout: float = 0.0,
) -> str:
    """Write a convolutional stem, and ``depth`` layers that relate what it found.

    Parameters
    ----------
    wanted
        Images, which a transformer reads on, or series of one length, which an LSTM does.
    width, heads
        Features of a token or step, and for images how many heads share them, by default 4.
    depth
        Blocks of the transformer, or layers of the LSTM.
    kernel_size
        Of the convolutions; odd.
    activation, dropout
        Of the stem, and of what follows it.
    """
    if kernel_size % 2 == 0:
        raise NNArchError(f"hybrid needs an odd kernel to keep its sizes; use kernel_size={kernel_size + 1}")
    acts = activation_called(activation)
    if wanted.form == "series":
        if heads:
            raise NNArchError("hybrid has heads for images only: a series is read by an LSTM; leave them out")
        return series(wanted, width, depth, kernel_size, acts, dropout)
    heads = heads or 4
    refuse_uneven(width, heads)
    stem, tokens = image_stem(wanted.shape, width, kernel_size, acts)
    return "\n".join(
        [
            encoder_block(width, heads, "gelu", dropout),
            *stem,
            joined(f"Conv2d({width}, 1), Flatten(2), Transpose(1, 2), Positions({tokens})", dropped(dropout)),
            f"Repeat({depth}, block)",
            f"{NORM}, MeanSteps(), Linear({wanted.outputs})",
        ]
    )


def image_stem(shape: tuple[int, ...], width: int, kernel_size: int, acts: str) -> tuple[list[str], int]:
    """Return the convolutions that halve an image, and how many tokens they leave."""
    sides = list(shape[1:])
    halvings = 0
    while min(sides) > SIDE and halvings < HALVINGS:
        sides = [-(-side // 2) for side in sides]
        halvings += 1
    widths = [max(NARROWEST, width >> (halvings - i)) for i in range(1, halvings + 1)] or [width]
    stride = "stride=2, " if halvings else ""
    given = f"{kernel_size}, {stride}padding={kernel_size // 2}, bias=False"
    return [f"Conv2d({channels}, {given}), BatchNorm2d(), {acts}" for channels in widths], sides[0] * sides[1]


def series(wanted: Wanted, width: int, depth: int, kernel_size: int, acts: str, dropout: float) -> str:
    """Write convolutions over time and an LSTM; where samples end early, padding is made 0 before each."""
    masking = "Masking()" if wanted.padded else ""
    part = f"[Transpose(1, 2), Conv1d({width}, {kernel_size}, padding='same'), {acts}, Transpose(1, 2)]"
    between = f", dropout={dropout:g}" if dropout and depth > 1 else ""
    layers = f", num_layers={depth}{between}" if depth > 1 else ""
    return "\n".join(
        [
            f"over_time = {part}",
            *[joined(masking, "over_time")] * CONVOLUTIONS,
            f"LSTM({width}{layers}), Last()",
            joined(dropped(dropout), f"Linear({wanted.outputs})"),
        ]
    )


FAMILY = Family(
    "Hybrid",
    write,
    forms=("image", "series"),
    source="Xiao et al. 2021, Early Convolutions Help Transformers See Better, section 4",
)
