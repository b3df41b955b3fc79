"""Image files as one tensor: of one size, grey or in colour, each checked before it is decoded."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from nnarch_nb.core.room import check_room
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data.datasets import progress

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
MOST_PIXELS = 64 * 2**20  # of one image: what claims more is refused before it is unpacked
GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L")
TURNED = (5, 6, 7, 8)  # orientations of a camera that lay on its side
CAMERAS = ("JPEG", "MPO", "TIFF", "WEBP")  # asking others would unpack them whole
ORIENTATION = 274  # their tag
SIXTEEN = ("PNG", "PPM")  # what Pillow opens as 32 bits has 16 in these, spread over their whole range
Side = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Head:
    """What the head of an image file says."""

    size: Side
    grey: bool
    clear: bool  # has transparency
    several: bool = False  # pictures in one file: an animation, or pages


def load(paths: list[Path], size: int | None = None) -> tuple[torch.Tensor, tuple[str, ...]]:
    """Return images as ``(n, channels, height, width)`` of 8 bits, and what was done to them.

    Parameters
    ----------
    paths
        The files.
    size
        The side of the squares they become; without it, unlike images become as the most frequent size.

    Raises
    ------
    NNArchError
        Files are broken or too large.
    """
    heads = whole(paths, [head(path) for path in paths])
    sizes = Counter(each.size for each in heads)
    side = (size, size) if size else max(sizes, key=lambda s: (sizes[s], s))
    channels = 1 if all(each.grey for each in heads) else 3
    needed = len(paths) * channels * side[0] * side[1]
    check_room(needed, f"{len(paths):,} images of {channels}×{side[0]}×{side[1]}", "give a smaller size=")
    x = np.empty((len(paths), channels, *side), np.uint8)
    failed: list[str | Head] = []
    for place, path in zip(x, progress(paths, len(paths), "images"), strict=True):
        failed.append(decode(path, place, side))
    whole(paths, failed)
    return torch.from_numpy(x), notes_on(heads, sizes, side, x.shape)


def head(path: Path, picture: bool = True) -> Head | str:
    """Return what the head of a file says, or why it is no image; of a mask any whole numbers are known."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    return f"claims {width:,}×{height:,} pixels, over {MOST_PIXELS:,}"
                turned = image.format in CAMERAS and image.getexif().get(ORIENTATION) in TURNED
                clear = "A" in image.getbands() or "transparency" in image.info
                grey = image.mode in GREY
                if picture and (image.mode == "F" or (image.mode == "I" and image.format not in SIXTEEN)):
                    return "has 32 bits a pixel, whose range no file tells: save it with 8 or 16"
                several = bool(getattr(image, "is_animated", False))
    except Exception as error:  # Pillow's decoders raise whatever they stumble on
        return reason_of(error)
    return Head((width, height) if turned else (height, width), grey, clear, several)


def reason_of(error: Exception) -> str:
    name = type(error).__name__
    known = {"UnidentifiedImageError": "is no image", "DecompressionBombError": "claims far too many pixels"}
    return known.get(name) or shorten(str(error) or name, 60)


def whole(paths: list[Path], found: list[Head | str] | list[str | Head]) -> list[Head]:
    """Return the heads, or refuse all with the first few that are broken."""
    broken = [(path, told) for path, told in zip(paths, found, strict=True) if isinstance(told, str)]
    if broken:
        listed = "; ".join(f"{'/'.join(path.parts[-2:])} ({told})" for path, told in broken[:3])
        more = f" and {len(broken) - 3:,} more" if len(broken) > 3 else ""
        raise NNArchError(
            f"{len(broken):,} of {len(paths):,} images cannot be read: {listed}{more}; remove them"
        )
    return [each for each in found if isinstance(each, Head)]


def decode(path: Path, place: np.ndarray, side: Side) -> Head | str:
    """Write the pixels of a file into their place; return why that failed, if it did."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image) if image.format in CAMERAS else image
                pixels = plain(upright, grey=len(place) == 1)
                if pixels.size != side[::-1]:
                    pixels = pixels.resize(side[::-1], Image.Resampling.BILINEAR)
    except Exception as error:  # as above
        return reason_of(error)
    values = np.asarray(pixels)
    place[:] = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
    return Head(side, len(place) == 1, False)


def plain(image: Image.Image, grey: bool) -> Image.Image:
    """Return an image of 8 bits, transparent parts on white; of 16 bits the upper 8, alike in every image."""
    from PIL import Image

    if image.mode.startswith("I"):
        image = Image.fromarray(np.clip(np.asarray(image, np.float32) / 257, 0, 255).astype(np.uint8))
    elif "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return image.convert("L" if grey else "RGB")


def notes_on(heads: list[Head], sizes: Counter[Side], side: Side, shape: tuple[int, ...]) -> tuple[str, ...]:
    count, channels, height, width = shape
    resized = sum(many for size, many in sizes.items() if size != side)
    notes = [
        f"{count:,} images of {channels}×{height}×{width} take {4 * np.prod(shape) / 1e6:,.1f} MB as floats"
    ]
    if resized:
        notes.append(
            f"{resized:,} of {count:,} images resized to {height}×{width}, their sides not kept in proportion"
        )
    grey = sum(each.grey for each in heads)
    notes += [f"{grey:,} grey images made RGB"] if channels == 3 and grey else []
    clear = sum(each.clear for each in heads)
    notes += [f"transparent parts of {clear:,} images laid on white"] if clear else []
    several = sum(each.several for each in heads)
    notes += [f"of {several:,} files with several pictures the first was taken"] if several else []
    return tuple(notes)
