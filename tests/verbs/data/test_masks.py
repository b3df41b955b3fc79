"""Masks as they lie about: in colour, smeared, of another size, by other names, in splits."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nnarch_nb import data
from nnarch_nb.errors import NNArchError

COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], np.uint8)


def classes(i):
    """Return the class of each of 6×8 pixels."""
    return np.random.default_rng(i).integers(0, 3, (6, 8)).astype(np.uint8)


def lay(folder, masks, images="images", count=12, named="{}.png"):
    """Write images, and beside them in a folder of this name what ``masks`` gives for each."""
    pictures, beside = folder / images, folder / masks[0]
    pictures.mkdir(parents=True)
    beside.mkdir(parents=True)
    for i in range(count):
        noise = np.random.default_rng(100 + i).integers(0, 256, (6, 8, 3)).astype(np.uint8)
        Image.fromarray(noise).save(pictures / f"{i}.png")
        Image.fromarray(masks[1](i)).save(beside / named.format(i), **({} if len(masks) < 3 else masks[2]))


def whole(folder):
    return data(folder, val=0, test=0)


def wanted():
    return sorted(classes(i).sum() for i in range(12))


def test_a_colour_is_a_class_and_not_the_grey_it_would_be(tmp_path):
    lay(tmp_path, ("masks", lambda i: COLOURS[classes(i)]))
    found = whole(tmp_path)
    assert found.classes == ("#000000", "#00ff00", "#ff0000")
    assert "each of the 3 colours in the masks is a class" in found.notes
    again = np.array([0, 2, 1])[found.train.y.numpy()]  # red is the highest code
    assert sorted(again.sum((1, 2)).tolist()) == wanted()


def test_black_masks_among_coloured_ones_are_black(tmp_path):
    lay(tmp_path, ("masks", lambda i: COLOURS[classes(i)] if i else np.zeros((6, 8), np.uint8)))
    found = whole(tmp_path)
    assert len(found.classes) == 3
    assert found.train.y.sum((1, 2)).min() == 0


def test_more_colours_than_classes_are_refused(tmp_path):
    lay(tmp_path, ("masks", lambda i: np.random.default_rng(i).integers(0, 256, (6, 8, 3)).astype(np.uint8)))
    with pytest.raises(NNArchError, match=r"576 colours.*unsmoothed"):
        whole(tmp_path)


def test_a_jpeg_holds_black_and_white_but_no_class_numbers(tmp_path):
    lay(tmp_path / "two", ("masks", lambda i: np.full((6, 8), 255 * (i % 2), np.uint8)), named="{}.jpg")
    found = whole(tmp_path / "two")
    assert found.classes == ("0", "1")
    assert found.train.y.double().mean() == 0.5
    assert "12 masks in a lossy format cut into black and white" in found.notes
    lay(tmp_path / "three", ("masks", lambda i: 60 * classes(i)), named="{}.jpg")
    with pytest.raises(NNArchError, match=r"\.jpg is a JPEG, which smears the numbers of classes"):
        whole(tmp_path / "three")


def test_masks_of_another_size_than_their_images_are_said(tmp_path):
    lay(tmp_path, ("masks", lambda i: classes(i)[::2, ::2]))
    assert "12 masks had another size than their images, and were resized" in whole(tmp_path).notes


@pytest.mark.parametrize(
    ("images", "masks", "named"),
    [
        ("images", "labels", "{}.png"),
        ("JPEGImages", "SegmentationClass", "{}.png"),
        ("imgs", "masks", "{}_mask.png"),
    ],
)
def test_folders_and_files_of_masks_go_by_other_names(tmp_path, images, masks, named):
    lay(tmp_path, (masks, classes), images, named=named)
    found = whole(tmp_path)
    assert found.kind == "segmentation"
    assert sorted(found.train.y.sum((1, 2)).tolist()) == wanted()


@pytest.mark.parametrize(("images", "masks"), [("{}/images", "{}/masks"), ("images/{}", "labels/{}")])
def test_masks_may_be_in_splits(tmp_path, images, masks):
    for split, count in (("train", 12), ("val", 4)):
        lay(tmp_path, (masks.format(split), classes), images.format(split), count)
    found = data(tmp_path, test=0)
    assert (len(found.train), len(found.val), len(found.test)) == (12, 4, 0)
    assert found.kind == "segmentation"


def test_labels_that_are_no_pictures_are_no_masks(tmp_path):
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
        for i in range(20):
            (tmp_path / name / f"{i}.txt").write_text(f"word {chr(97 + i)} {name}")
    assert data(tmp_path).kind == "classification"
