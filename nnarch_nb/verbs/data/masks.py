"""Images with a mask each, whose values are the classes of its pixels.

A mask is found by the name of its image, beside it in another folder. Its values are taken as they are
stored: a colour that became grey, or a value that a lossy format smeared, would be a class of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import images, labels
from nnarch_nb.verbs.data.labels import Targets
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.walk import SPLITS, ending, visible

if TYPE_CHECKING:
    from PIL import Image

PICTURES = ("images", "image", "imgs", "img", "jpegimages")
MASKS = (
    "masks", "mask", "labels", "label", "annotations", "segmentation", "segmentations", "segmentationclass",
    "targets", "gt", "groundtruth", "ground_truth",
)  # fmt: skip
MARK = re.compile(r"[-_.](masks?|labels?|seg|segmentation|gt|annotation)$", re.IGNORECASE)
PLAIN = ("P", "L", "I", "I;16")  # modes in which a pixel is one whole number
LOSSY = ("JPEG", "MPO")
WHITE, NEAR = 255, 32  # how far from black and white a pixel of a lossy mask of two classes may be
CLEAR = 0.98  # of its pixels that are so near
GREY = 0x010101  # a grey as a colour
MOST_COLOURS = 256
Pair = tuple[Path, Path]  # a folder of images, and one of masks


@dataclass(frozen=True)
class Read:
    """Masks as stored: numbers, or where ``colours`` is true red, green and blue in 24 bits."""

    values: np.ndarray
    colours: bool
    notes: tuple[str, ...]


def find(folder: Path) -> dict[str, Pair]:
    """Return the folders of images and masks by split, ``""`` for the whole; empty where there are none.

    Read are ``images`` beside ``masks``, the same below ``train`` and so on, and ``images/train`` beside
    ``masks/train``.
    """
    whole = pair_in(folder)
    if not whole:
        return {split: pair for split, inner in splits_in(folder).items() if (pair := pair_in(inner))}
    if pictures_in(whole[0]):
        return {"": whole}
    beside = splits_in(whole[1])
    below = {split: (inner, beside[split]) for split, inner in splits_in(whole[0]).items() if split in beside}
    return {split: pair for split, pair in below.items() if all(map(pictures_in, pair))}


def splits_in(folder: Path) -> dict[str, Path]:
    inner = {SPLITS.get(each.name.lower(), ""): each for each in visible(folder) if each.is_dir()}
    return {split: inner[split] for split in ("train", "val", "test") if split in inner}


def pair_in(folder: Path) -> Pair | None:
    """Return the folder of images and that of masks, of which each must hold pictures or splits of them."""
    inner = {each.name.lower(): each for each in visible(folder) if each.is_dir()}
    names = [next((name for name in known if name in inner), None) for known in (PICTURES, MASKS)]
    if names[0] is None or names[1] is None:
        return None
    pair = inner[names[0]], inner[names[1]]
    if all(map(pictures_in, pair)) or all("train" in splits_in(each) for each in pair):
        return pair
    return pair if names == ["images", "masks"] else None


def pictures_in(folder: Path) -> dict[str, Path]:
    """Return the image files by their names without ending."""
    return {file.stem: file for file in visible(folder) if ending(file) in images.ENDINGS and file.is_file()}


def load(found: dict[str, Pair], name: str, options: Options) -> Loaded:
    """Return the images of all splits with their masks.

    Raises
    ------
    NNArchError
        An image has no mask or the other way round, a file is broken, or masks hold no classes.
    """
    pairs = {split: partners(*pair) for split, pair in found.items()}
    pictures = [picture for pair in pairs.values() for picture, _ in pair]
    x, told = images.load(pictures, options.size)
    stored = read([mask for pair in pairs.values() for _, mask in pair], (x.shape[2], x.shape[3]), pictures)
    targets = by_colour(stored) if stored.colours else labels.segments(stored.values, "the masks")
    given = {} if list(pairs) == [""] else {split: len(pair) for split, pair in pairs.items()}
    return Loaded(
        name,
        x,
        targets.y,
        targets.kind,
        targets.names,
        (0.0, 255.0),
        target="mask",
        given=given,
        cut=tuple(split for split in ("val", "test") if split not in given),
        notes=(*told, *stored.notes, *targets.notes),
    )


def partners(folder: Path, beside: Path) -> list[Pair]:
    """Return each image with its mask, in the order of their names."""
    pictures, masks = pictures_in(folder), pictures_in(beside)
    if pictures.keys() != masks.keys():
        masks = {MARK.sub("", stem): file for stem, file in masks.items()}
    alone = sorted(pictures.keys() ^ masks.keys())
    if not alone and pictures:
        return [(pictures[stem], masks[stem]) for stem in sorted(pictures)]
    listed = ", ".join(shorten(each, 30) for each in alone[:3])
    raise NNArchError(
        f"{folder.parent} must hold a file in {beside.name} for each in {folder.name}; "
        + (f"without partner: {listed}" if alone else "both are empty")
    )


def read(paths: list[Path], side: images.Side, pictures: list[Path]) -> Read:
    """Return masks ``(n, height, width)`` of the side that their images have become."""
    heads = images.whole(paths, [images.head(path, picture=False) for path in paths])
    sizes = images.whole(pictures, [images.head(path) for path in pictures])
    unlike = sum(mask.size != picture.size for mask, picture in zip(heads, sizes, strict=True))
    found = [stored(path, side) for path in paths]
    lossy = sum(kind == "lossy" for _, kind in found)
    colours = any(kind == "colour" for _, kind in found)
    notes = [f"{unlike:,} masks had another size than their images, and were resized"] if unlike else []
    notes += [f"{lossy:,} masks in a lossy format cut into black and white"] if lossy else []
    values = [mask * GREY if colours and kind != "colour" else mask for mask, kind in found]
    return Read(np.stack(values), colours, tuple(notes))


def stored(path: Path, side: images.Side) -> tuple[np.ndarray, str]:
    """Return the values of a mask, and whether they are numbers as stored, a colour, or near black and white.

    Raises
    ------
    NNArchError
        The format smears values, and they are more than black and white.
    """
    from PIL import Image

    with Image.open(path) as image:
        flat = image if image.mode in PLAIN else image.convert("L" if is_grey(image) else "RGB")
        # No new numbers between two classes: the nearest pixel, unsmoothed.
        values = np.asarray(flat.resize(side[::-1], Image.Resampling.NEAREST)).astype(np.int64)
        lossy = image.format in LOSSY
    if not lossy:
        return (values @ np.array([1 << 16, 1 << 8, 1]), "colour") if values.ndim == 3 else (values, "number")
    if values.ndim == 3 or (np.minimum(values, WHITE - values) <= NEAR).mean() < CLEAR:
        raise NNArchError(
            f"the mask {shorten(path.name, 40)} is a JPEG, which smears the numbers of classes: save masks "
            f"as PNG"
        )
    return (values > WHITE // 2) * WHITE, "lossy"


def is_grey(image: Image.Image) -> bool:
    red, green, blue = image.convert("RGB").split()
    return red.tobytes() == green.tobytes() == blue.tobytes()


def by_colour(masks: Read) -> Targets:
    """Return every colour as a class, in the order of their codes, black first.

    Raises
    ------
    NNArchError
        There are more colours than classes can be, or one alone.
    """
    colours, y = np.unique(masks.values, return_inverse=True)
    if not 1 < len(colours) <= MOST_COLOURS:
        raise NNArchError(
            f"the masks hold {len(colours):,} colours, one a class, of which there must be 2 to "
            f"{MOST_COLOURS}: save masks unsmoothed, or as grey PNGs of class numbers"
        )
    names = tuple(f"#{colour:06x}" for colour in colours.tolist())
    told = f"each of the {len(names)} colours in the masks is a class"
    classes = torch.from_numpy(y.reshape(masks.values.shape).astype(np.int64))
    return Targets(classes, "segmentation", names, (told,))
