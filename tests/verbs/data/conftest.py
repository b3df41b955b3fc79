"""A small data set in the format of MNIST."""

import struct

import numpy as np
import pytest

SIZES = {"train": 60, "t10k": 20}


def idx_bytes(array):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write(folder, mark="-", pack=lambda raw: raw, ending=""):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for part, n in SIZES.items():
        images, labels = rng.integers(0, 256, (n, 5, 4)), np.arange(n) % 10
        (folder / f"{part}-images{mark}idx3-ubyte{ending}").write_bytes(pack(idx_bytes(images)))
        (folder / f"{part}-labels{mark}idx1-ubyte{ending}").write_bytes(pack(idx_bytes(labels)))
    return folder


@pytest.fixture
def write_idx():
    """Write 60 training and 20 test images of 5×4 pixels into a folder."""
    return write
