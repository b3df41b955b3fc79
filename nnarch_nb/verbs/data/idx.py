"""Folders of IDX files, the format MNIST and its relatives are published in.

A file is two zero bytes, a type code, the number of dimensions, each dimension as a big-endian
32-bit count, then the values. Everything the header promises is checked against the bytes.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path

import numpy as np
import torch

from nnarch_nb.errors import NNArchError, reason_of, shorten
from nnarch_nb.verbs.data.loaded import Loaded, check_lengths

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PARTS = {"train": ("train",), "test": ("t10k", "test")}
RANKS = {"images": 3, "labels": 1}


def read_folder(
    folder: Path,
    name: str | None = None,
    classes: tuple[str, ...] | None = None,
    within: tuple[str, ...] = (),
) -> Loaded:
    """Return the images and labels in a folder of IDX files, plain or gzipped.

    Parameters
    ----------
    folder
        Holds ``train-images-idx3-ubyte`` and so on, also written ``train-images.idx3-ubyte``.
    name, classes
        Of a known set; else the folder's name and the label numbers.
    within
        Folders below ``folder`` to look in as well.

    Raises
    ------
    NNArchError
        The folder or a file is missing, or a file is not what its header says.
    """
    check_folder(folder)
    folder = next(
        (folder / place for place in ("", *within) if find(folder / place, "train", "images")), folder
    )
    parts = {part: read_part(folder, part) for part in PARTS if find(folder, part, "images")}
    if "train" not in parts:
        raise NNArchError(missing(folder))
    check_sizes({part: images for part, (images, _) in parts.items()}, folder)
    x = torch.cat([images for images, _ in parts.values()])
    y = torch.cat([labels for _, labels in parts.values()])
    known = classes or tuple(str(number) for number in range(int(y.max()) + 1))
    check_labels(y, len(known), folder)
    given = {part: len(labels) for part, (_, labels) in parts.items()}
    return Loaded(
        name=name or folder.resolve().name,
        x=x,
        y=y,
        kind="classification",
        classes=known,
        bounds=(0.0, 255.0) if x.dtype == torch.uint8 else None,
        given=given,
        cut=tuple(split for split in ("val", "test") if split not in given),
        notes=("test is the set's own",) if "test" in given else (),
    )


def find(folder: Path, part: str, what: str) -> Path | None:
    """Return the file of that part, in either spelling, plain before gzipped."""
    rank = RANKS[what]
    for word in PARTS[part]:
        for ending in ("", ".gz"):
            for mark in "-.":
                path = folder / f"{word}-{what}{mark}idx{rank}-ubyte{ending}"
                if path.is_file():
                    return path
    return None


def check_folder(folder: Path) -> None:
    try:
        next(folder.iterdir(), None)
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise NNArchError(f"cannot open the folder {shorten(folder)}: {reason}") from error


def missing(folder: Path) -> str:
    seen = sorted(path.name for path in folder.iterdir())[:5]
    held = f"it holds {', '.join(seen)}" if seen else "it is empty"
    return (
        f"{folder} has no train-images-idx3-ubyte (or .gz): {held}; give a folder of classes (class/*.png, "
        f"class/*.txt), of images and masks, of .ts or text files, or of IDX files"
    )


def read_part(folder: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    images_file, labels_file = find(folder, part, "images"), find(folder, part, "labels")
    if images_file is None or labels_file is None:
        raise NNArchError(f"{folder} has {part} images but no {part}-labels-idx1-ubyte (or .gz) beside them")
    images, labels = read(images_file, RANKS["images"]), read(labels_file, RANKS["labels"])
    x = torch.from_numpy(images).unsqueeze(1)
    y = torch.from_numpy(labels.astype(np.int64))
    check_lengths(x, y, f" in {images_file.name}")
    return x if x.dtype == torch.uint8 else x.float(), y


def check_sizes(images: dict[str, torch.Tensor], folder: Path) -> None:
    sizes = {part: "×".join(map(str, x.shape[2:])) for part, x in images.items()}
    if len(set(sizes.values())) > 1:
        listed = " and ".join(f"{size} in {part}" for part, size in sizes.items())
        raise NNArchError(f"{folder} has images of {listed}: bring them to one size")


def check_labels(y: torch.Tensor, classes: int, folder: Path) -> None:
    if int(y.min()) < 0 or int(y.max()) >= classes:
        worst = int(y.min()) if int(y.min()) < 0 else int(y.max())
        raise NNArchError(
            f"{folder} has the label {worst}, outside 0 to {classes - 1}: is it another data set?"
        )


def read(path: Path, rank: int) -> np.ndarray:
    """Return the array in one IDX file of ``rank`` dimensions.

    Raises
    ------
    NNArchError
        The file cannot be read, is no IDX file, or is shorter or longer than its header says.
    """
    raw = content(path)
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in TYPES:
        raise NNArchError(
            f"{path} is no IDX file (it begins with {raw[:4].hex(' ') or 'nothing'}): get it again"
        )
    if raw[3] != rank:
        raise NNArchError(
            f"{path} has {raw[3]} dimensions where {rank} are expected: is it another file, renamed?"
        )
    start = 4 + 4 * rank
    if len(raw) < start:
        raise NNArchError(f"{path} ends inside its header: get it again")
    shape = struct.unpack(f">{rank}I", raw[4:start])
    kind = np.dtype(TYPES[raw[2]])
    expected, got = prod(shape) * kind.itemsize, len(raw) - start
    if expected != got:
        sizes = "×".join(map(str, shape))
        raise NNArchError(f"{path} promises {expected:,} bytes ({sizes}) but holds {got:,}: get it again")
    values = np.frombuffer(raw, kind, offset=start).reshape(shape)
    return values.astype(kind.newbyteorder("="))


def content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise NNArchError(f"{path} is a damaged gzip file ({error}): get it again") from error
    except OSError as error:
        raise NNArchError(f"cannot read {path}: {reason_of(error)}") from error
