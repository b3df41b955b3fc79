"""``resnet``: blocks that add what they find to what they were given, so that depth does not hurt.

He, Zhang, Ren & Sun 2016, Deep Residual Learning for Image Recognition: the networks of section 4.1
(table 1) for large images and those of section 4.2 for small ones. In a bottleneck the 3×3 convolution
halves the image, as in the reference implementations (Goyal et al. 2017, Accurate, Large Minibatch SGD,
section 5.1). Weights are drawn as in He et al. 2015, Delving Deep into Rectifiers, section 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families.wanted import Family, Wanted
from nnarch_nb.verbs.build.families.words import activation as activation_called
from nnarch_nb.verbs.build.families.words import dropped, joined
from nnarch_nb.verbs.build.families.words import norm as norm_called

# Blocks of each stage by depth, and how wide the bottleneck's last convolution is (table 1).
LARGE = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
BOTTLENECK = 50  # the depth from which on a block is 1×1, 3×3, 1×1
WIDENS = 4
SMALL = (20, 32, 44, 56, 110)  # section 4.2: 6·n + 2 layers
SMALL_IMAGES = 64  # pixels a side below which the networks of section 4.2 are the default


@dataclass(frozen=True)
class Style:
    """What every block shares."""

    norm: str
    activation: str
    residual: bool

    def conv(self, channels: int, kernel: int, stride: int = 1) -> str:
        """Write a convolution that keeps the size of the image, its stride aside, and its norm."""
        norm = norm_called(self.norm, 2, channels)
        given = [str(channels), str(kernel)]
        given += [f"stride={stride}"] * (stride > 1) + [f"padding={kernel // 2}"] * (kernel > 1)
        return joined(f"Conv2d({', '.join(given + ['bias=False'] * bool(norm))})", norm)

    def block(self, body: list[str], shortcut: str = "") -> str:
        """Write one block: its body, added to its input or to a shortcut from it."""
        inner = f", {self.activation}, ".join(body)
        if not self.residual:
            return joined(inner, self.activation)
        beside = f", shortcut=[{shortcut}]" if shortcut else ""
        return joined(f"Residual({inner}{beside})", self.activation)


def write(
    wanted: Wanted,
    width: int | None = None,
    depth: int | None = None,
    activation: str = "relu",
    norm: str = "batch",
    dropout: float = 0.0,
    residual: bool = True,
) -> str:
    """Write a residual network of ``depth`` layers, the published ones among them.

    Parameters
    ----------
    wanted
        Images of any size.
    width
        Channels of the first stage: 64 for large images, 16 for small ones.
    depth
        18, 34, 50, 101 or 152 in four stages; 20, 32, 44, 56, 110 or another 6·n + 2 in three. By
        default 20 for images below 64 pixels a side, else 18.
    activation, norm, dropout
        Of each block; dropout before the classes.
    residual
        False gives the plain network of the same depth, which the paper compares with.
    """
    side = min(wanted.shape[1:])
    depth = depth or (SMALL[0] if side < SMALL_IMAGES else 18)
    style = Style(norm, activation_called(activation), residual)
    if depth in LARGE:
        refuse_small(wanted.shape, depth, halvings=5)
        parts, flow = large(style, width or 64, depth)
    elif depth > 2 and (depth - 2) % 6 == 0:
        refuse_small(wanted.shape, depth, halvings=2)
        parts, flow = small(style, width or 16, (depth - 2) // 6)
    else:
        below = max((d for d in (*LARGE, *SMALL) if d < depth), default=20)
        raise NNArchError(
            f"no resnet has depth={depth}: {', '.join(map(str, LARGE))}, or 6·n + 2 for small images such as "
            f"{', '.join(map(str, SMALL))}; use depth={below}"
        )
    head = joined("AdaptiveAvgPool2d(1), Flatten()", dropped(dropout), f"Linear({wanted.outputs})")
    return "\n".join([*parts, *flow, head])


def large(style: Style, width: int, depth: int) -> tuple[list[str], list[str]]:
    """Return the parts and the flow of table 1: a stem, then four stages."""
    stem = joined(style.conv(width, 7, 2), style.activation, "MaxPool2d(3, stride=2, padding=1)")
    parts, flow, channels = [], [stem], width
    for stage, blocks in enumerate(LARGE[depth]):
        inner, stride = width * 2**stage, 1 if stage == 0 else 2
        outer = inner * (WIDENS if depth >= BOTTLENECK else 1)
        body = bottleneck if depth >= BOTTLENECK else basic
        name, changes = f"stage{stage + 1}", stride > 1 or outer != channels
        if changes:
            shortcut = style.conv(outer, 1, stride)
            parts.append(f"{name}_first = [{style.block(body(style, inner, stride), shortcut)}]")
        parts.append(f"{name} = [{style.block(body(style, inner, 1))}]")
        flow.append(joined(f"{name}_first" if changes else "", copies(blocks - changes, name)))
        channels = outer
    return parts, flow


def small(style: Style, width: int, blocks: int) -> tuple[list[str], list[str]]:
    """Return the parts and the flow of section 4.2: three stages of ``blocks`` blocks each.

    Its shortcuts have no weights (option A): every second pixel, and zeros for the channels to come.
    """
    parts, flow, channels = [], [joined(style.conv(width, 3), style.activation)], width
    for stage in range(3):
        inner, name = width * 2**stage, f"stage{stage + 1}"
        if stage:
            before, after = (inner - channels) // 2, (inner - channels + 1) // 2
            shortcut = f"MaxPool2d(1, stride=2), ZeroPad3d((0, 0, 0, 0, {before}, {after}))"
            parts.append(f"{name}_first = [{style.block(basic(style, inner, 2), shortcut)}]")
        parts.append(f"{name} = [{style.block(basic(style, inner, 1))}]")
        flow.append(joined(f"{name}_first" if stage else "", copies(blocks - bool(stage), name)))
        channels = inner
    return used(parts, flow), flow


def copies(count: int, name: str) -> str:
    """Return what runs a part so many times; one that runs once stands for itself."""
    return f"Repeat({count}, {name})" if count > 1 else name * count


def used(parts: list[str], flow: list[str]) -> list[str]:
    """Return the parts that the flow names: with one block a stage, the second kind never comes."""
    words = " ".join(flow).replace(",", " ").replace(")", " ").split()
    return [part for part in parts if part.split(" = ")[0] in words]


def basic(style: Style, channels: int, stride: int) -> list[str]:
    return [style.conv(channels, 3, stride), style.conv(channels, 3)]


def bottleneck(style: Style, channels: int, stride: int) -> list[str]:
    return [style.conv(channels, 1), style.conv(channels, 3, stride), style.conv(channels * WIDENS, 1)]


def refuse_small(shape: tuple[int, ...], depth: int, halvings: int) -> None:
    """Raise an error if the image is a single pixel before it is halved for the last time."""
    side = min(shape[1:])
    if -(-side // 2 ** (halvings - 1)) >= 2:
        return
    advice = f"use depth={SMALL[0]}" if side > 2 else "use mlp"
    raise NNArchError(
        f"images of {shape[1]}×{shape[2]} are too small for a resnet with depth={depth}, which halves "
        f"them {halvings} times; {advice}"
    )


FAMILY = Family(
    "ResNet",
    write,
    forms=("image",),
    source="He et al. 2016, Deep Residual Learning for Image Recognition, sections 4.1 and 4.2",
    initialise="nnarch_nb.verbs.build.families.initial_vision:he_fan_out",
)
