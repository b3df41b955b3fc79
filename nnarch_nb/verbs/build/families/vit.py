"""``vit``: an image cut into patches, which a transformer reads like words.

Dosovitskiy et al. 2021, An Image is Worth 16×16 Words, section 3.1: a linear map of each patch, a class
token, learned positions, and the encoder of Vaswani et al. 2017 with the norm before each block. Weights
are drawn as in the reference implementation.
"""

from __future__ import annotations

from nnarch_nb.verbs.build.families.steps import refuse_uneven
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined

NORM = "LayerNorm(eps=1e-06)"
WIDENS = 4  # the hidden layer of a block is 4 times as wide as the block (table 1)
PATCHES = 7  # a side, at least, if the image has 14 pixels: with fewer there is little to attend to
LARGEST_PATCH = 16


def write(
    wanted: Wanted,
    width: int = 128,
    depth: int = 6,
    heads: int = 4,
    kernel_size: int | None = None,
    activation: str = "gelu",
    dropout: float = 0.0,
) -> str:
    """Write a vision transformer of ``depth`` blocks.

    Parameters
    ----------
    wanted
        Images of any size; one that patches do not divide is widened by zeros.
    width, heads
        Features of a token, and how many heads share them.
    kernel_size
        The side of a patch; by default 16, 8, 4 or 2, the largest that gives 7 patches a side or more.
    depth, activation, dropout
        Of the blocks.
    """
    refuse_uneven(width, heads)
    patch = kernel_size or patch_for(min(wanted.shape[1:]))
    tokens = 1
    for side in wanted.shape[1:]:
        tokens *= -(-side // patch)
    return "\n".join(
        [
            encoder_block(width, heads, activation, dropout),
            f"{patches(wanted.shape, width, patch)}, Flatten(2), Transpose(1, 2)",
            joined(f"ClassToken(), Positions({tokens + 1})", dropped(dropout)),
            f"Repeat({depth}, block)",
            f"{NORM}, First(), Linear({wanted.outputs})",
        ]
    )


def encoder_block(width: int, heads: int, activation: str, dropout: float) -> str:
    """Write the part ``block``: attention, then two linear layers, each added to its input."""
    share = f", dropout={dropout:g}" if dropout else ""
    attention = joined(NORM, f"SelfAttention({heads}{share})", dropped(dropout))
    hidden = joined(f"Linear({width * WIDENS})", activation_called(activation), dropped(dropout))
    linear = joined(NORM, hidden, f"Linear({width})", dropped(dropout))
    return f"block = [Residual({attention}), Residual({linear})]"


def patches(shape: tuple[int, ...], width: int, patch: int) -> str:
    """Write the convolution that maps each patch; zeros are put round an image that patches do not divide."""
    short = [-side % patch for side in shape[1:]]
    padding = tuple((pixels + 1) // 2 for pixels in short)
    around = f", padding={padding}" if any(short) else ""
    return f"Conv2d({width}, {patch}, stride={patch}{around})"


def patch_for(side: int) -> int:
    """Return the default patch of an image.

    Examples
    --------
    >>> [patch_for(side) for side in (8, 28, 32, 96, 224)]
    [2, 4, 4, 8, 16]
    """
    patch = LARGEST_PATCH
    while patch > 2 and side < patch * PATCHES:
        patch //= 2
    return min(patch, side)


FAMILY = Family(
    "Vision transformer",
    write,
    forms=("image",),
    source="Dosovitskiy et al. 2021, An Image is Worth 16×16 Words, section 3.1",
    initialise="nnarch_nb.verbs.build.families.initial_vision:vision_transformer",
)
