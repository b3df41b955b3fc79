"""Folders of images, masks and texts, with all that lies about in real folders."""

import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data


def paint(path, value=0, size=(6, 5), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, value, value)).convert(mode).save(path)


@pytest.fixture
def pets(tmp_path):
    root = tmp_path / "my pets"
    for number, name in enumerate(("cat", "dog <i>")):
        for i in range(20):
            paint(root / name / f"{i}.png", 10 * i + number)
    return root


def test_folders_are_classes_and_pixels_are_kept(pets):
    found = data(pets, val=0, test=0, normalize=False)
    assert (found.shape, found.classes, found.bounds) == ((3, 5, 6), ("cat", "dog <i>"), (0, 255))
    values = found.train.x[:, 0, 0, 0].long()
    assert torch.equal(values % 10, found.train.y)
    assert sorted(values.tolist()) == sorted([10 * i + c for i in range(20) for c in (0, 1)])


def test_what_else_lies_about_is_left_out_and_said(pets):
    (pets / ".hidden").mkdir()
    (pets / ".hidden" / "x.png").write_bytes(b"x")
    (pets / "cat" / ".DS_Store").write_bytes(b"x")
    (pets / "empty").mkdir()
    (pets / "notes.txt").write_text("x")
    (pets / "dog <i>" / "more.txt").write_text("x")
    (pets / "loop").symlink_to(pets)
    (pets / "cat" / "loop").symlink_to(pets, target_is_directory=True)
    (pets / "gone").symlink_to(pets / "nowhere")
    found = data(pets)
    assert found.classes == ("cat", "dog <i>")
    assert any(
        "2 files that are no images of a class left out (more.txt, notes.txt)" in n for n in found.notes
    )


def test_unlike_sizes_become_the_most_frequent_or_the_one_asked_for(pets):
    paint(pets / "cat" / "large.png", 200, (60, 50))
    found = data(pets, val=0, test=0)
    assert found.shape == (3, 5, 6)
    assert any("1 of 41 images resized to 5×6" in note for note in found.notes)
    assert data(pets, size=8).shape == (3, 8, 8)


def test_grey_stays_grey_and_a_mixture_is_coloured(tmp_path):
    for c in "ab":
        for i in range(10):
            paint(tmp_path / c / f"{i}.jpg", 20 * i, mode="L")
    assert data(tmp_path).shape == (1, 5, 6)
    paint(tmp_path / "a" / "colour.png")
    found = data(tmp_path)
    assert found.shape == (3, 5, 6)
    assert any("20 grey images made RGB" in note for note in found.notes)


def test_sixteen_bits_transparency_and_cameras_on_their_side(tmp_path):
    for c in "ab":
        (tmp_path / c).mkdir()
        for i in range(3):
            paint(tmp_path / c / f"{i}.png", 30 * i)
    Image.fromarray(np.full((5, 6), 65535, np.uint16)).save(tmp_path / "a" / "deep.png")
    Image.new("RGBA", (6, 5), (9, 9, 9, 0)).save(tmp_path / "a" / "clear.png")
    turned = Image.new("RGB", (5, 6), (77, 77, 77))
    exif = turned.getexif()
    exif[274] = 6
    turned.save(tmp_path / "b" / "turned.jpg", exif=exif)
    found = data(tmp_path, val=0, test=0, normalize=False)
    assert found.shape == (3, 5, 6)
    assert not any("resized" in note for note in found.notes)
    levels = found.train.x[:, 0, 0, 0].tolist()
    assert levels.count(255) == 2
    assert 77 in levels


def test_folders_of_splits_are_kept(tmp_path):
    for split, count in (("train", 20), ("test", 5)):
        for c in "ab":
            for i in range(count):
                paint(tmp_path / split / c / f"{i}.png", i * 9 + (split == "test") * 100)
    found = data(tmp_path)
    assert [len(part) for part in (found.train, found.val, found.test)] == [34, 6, 10]
    assert found.raw(found.test.x).min() == 100


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def claiming(width, height):
    """A PNG of a few bytes that claims to be large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "cat/x.png (is no image)"),
        (b"<html>", "cat/x.png (is no image)"),
        (claiming(100_000, 100_000), "claims far too many pixels"),
        (claiming(10_000, 10_000), "claims 10,000×10,000 pixels"),
        (claiming(6, 5), "cat/x.png ("),
    ],
)
def test_broken_images_are_named_in_one_line(pets, content, told):
    (pets / "cat" / "x.png").write_bytes(content)
    with pytest.raises(NNArchError) as error:
        data(pets)
    assert "1 of 41 images cannot be read" in str(error.value)
    assert told in str(error.value)


def test_images_beyond_memory_are_refused_before_they_are_read(pets):
    with pytest.raises(NNArchError, match=r"40 images of 3×1000000×1000000 would take .* GiB"):
        data(pets, size=1_000_000)


def test_texts_by_class_in_any_encoding(tmp_path):
    for c in ("ham", "spam"):
        (tmp_path / c).mkdir()
        for i in range(12):
            (tmp_path / c / f"{i} {i}.txt").write_bytes(
                f"caf\xe9 {c} {chr(97 + i)}".encode("latin-1" if i % 2 else "utf-8")
            )
    found = data(tmp_path)
    assert (found.kind, found.form, found.classes) == ("classification", "tokens", ("ham", "spam"))
    assert "café" in found.vocabulary.words
    (tmp_path / "ham" / "x.txt").write_bytes(b"a\0b")
    with pytest.raises(NNArchError, match=r"x.txt is not text"):
        data(tmp_path)
    with pytest.raises(NNArchError, match="size= means nothing for texts in folders"):
        data(tmp_path, size=3)


def test_images_with_masks(tmp_path):
    (tmp_path / "masks").mkdir()
    for i in range(12):
        paint(tmp_path / "images" / f"{i}.jpg", 20 * i)
        mask = np.zeros((5, 6), np.uint8)
        mask[1:3, 2:4], mask[0] = 1 + i % 2, 255
        Image.fromarray(mask).save(tmp_path / "masks" / f"{i}.png")
    found = data(tmp_path, val=0, test=0)
    assert (found.kind, found.shape, found.classes) == ("segmentation", (3, 5, 6), ("0", "1", "2"))
    assert found.train.y.shape == (12, 5, 6)
    assert (found.train.y[:, 0] == -100).all()
    assert sorted(found.train.y[:, 1, 2].tolist()) == [1] * 6 + [2] * 6
    paint(tmp_path / "images" / "alone.jpg")
    with pytest.raises(NNArchError, match="without partner: alone"):
        data(tmp_path)


def test_a_folder_of_nothing_says_what_it_could_hold(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(NNArchError, match=r"it holds empty; give a folder of classes"):
        data(tmp_path)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("{}.png", "holds 12 images and nothing that says their classes"),
        ("all/{1}/{0}.png", r"deeper than class/file \(all/a/0.png\): give .*all itself"),
        ("{1}/more/{0}.png", r"deeper than class/file \(a/more/0.png\): move them up"),
    ],
)
def test_files_that_lie_in_no_folder_of_a_class_are_told_where_to_lie(tmp_path, file, told):
    for i in range(12):
        paint(tmp_path / file.format(i, "ab"[i % 2]), i)
    with pytest.raises(NNArchError, match=told):
        data(tmp_path)


def test_texts_without_a_class_are_no_class(tmp_path):
    for split, name in (
        ("train", "pos"),
        ("train", "neg"),
        ("train", "unsup"),
        ("test", "pos"),
        ("test", "neg"),
    ):
        (tmp_path / split / name).mkdir(parents=True)
        for i in range(10):
            (tmp_path / split / name / f"{i}.txt").write_text(f"{split} {name} {chr(97 + i)}")
    found = data(tmp_path)
    assert found.classes == ("neg", "pos")
    assert any("10 files that are no texts of a class left out" in note for note in found.notes)


def test_sixteen_bits_are_scaled_alike_in_every_image(tmp_path):
    for i, level in enumerate((100, 300, 60_000) * 4):
        values = np.full((5, 6), level + i, np.uint16)
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        Image.fromarray(values).save(tmp_path / "ab"[i % 2] / f"{i}.png")
    found = data(tmp_path, val=0, test=0, normalize=False)
    assert sorted(found.train.x[:, 0, 0, 0].unique().tolist()) == [0, 1, 233]


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pixels_whose_range_is_not_known_are_refused(pets, kind):
    Image.fromarray(np.full((5, 6), 1, kind)).save(pets / "cat" / "x.tif")
    with pytest.raises(NNArchError, match=r"x\.tif .has 32 bits a pixel"):
        data(pets)


def test_of_an_animation_the_first_picture_is_taken_and_that_is_said(tmp_path):
    for i in range(12):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        first, second = (Image.new("RGB", (6, 5), (v, v, v)) for v in (i, 200))
        first.save(tmp_path / "ab"[i % 2] / f"{i}.png", save_all=True, append_images=[second])
    found = data(tmp_path, val=0, test=0, normalize=False)
    assert found.train.x.max() < 12
    assert "of 12 files with several pictures the first was taken" in found.notes


def test_a_test_split_is_cut_where_only_validation_is_given(tmp_path):
    for split in ("train", "val"):
        for name in "ab":
            for i in range(20):
                paint(tmp_path / split / name / f"{i}.png", 10 * i + "ab".index(name) + 2 * (split == "val"))
    found = data(tmp_path)
    assert [len(part) for part in (found.train, found.val, found.test)] == [34, 40, 6]
    assert "15 % test cut stratified by class, seed 0" in found.notes
    assert len(data(tmp_path, test=0).test) == 0
