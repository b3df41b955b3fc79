"""IDX folders, whole and damaged."""

import gzip
import struct
from hashlib import sha256

import numpy as np
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data, download


@pytest.mark.parametrize(("mark", "ending"), [("-", ""), (".", ""), ("-", ".gz"), (".", ".gz")])
def test_both_spellings_plain_and_gzipped(tmp_path, write_idx, mark, ending):
    folder = write_idx(tmp_path / "set", mark, gzip.compress if ending else bytes, ending)
    found = data("fashion-mnist", root=str(folder), val=0.2)
    assert (len(found.train), len(found.val), len(found.test)) == (48, 12, 20)
    assert (found.shape, found.bounds, found.name) == ((1, 5, 4), (0, 255), "fashion-mnist")
    assert found.classes[9] == "Ankle boot"


def test_the_sets_own_test_split_is_kept_as_it_is(tmp_path, write_idx):
    found = data(str(write_idx(tmp_path / "own")), normalize=False, seed=5, val=0.2)
    rng = np.random.default_rng(0)
    rng.integers(0, 256, (60, 5, 4))
    assert torch.equal(found.test.x[:, 0], torch.from_numpy(rng.integers(0, 256, (20, 5, 4))).float())
    assert found.test.y.tolist() == [i % 10 for i in range(20)]
    assert (found.name, found.classes[:2]) == ("own", ("0", "1"))
    assert "test is the set's own" in found.notes


@pytest.mark.parametrize("place", ["fashion-mnist", "FashionMNIST/raw", "fashion_mnist"])
def test_a_folder_called_fashion_mnist_has_its_class_names(tmp_path, write_idx, place):
    found = data(str(write_idx(tmp_path / place)), val=0.2)
    assert (found.classes[0], found.classes[9]) == ("T-shirt/top", "Ankle boot")
    assert data(str(write_idx(tmp_path / "my-fashion-mnist")), val=0.2).classes[9] == "9"


def test_the_published_labels_tell_fashion_mnist(tmp_path, write_idx, monkeypatch):
    folder = write_idx(tmp_path / "clothes", "-", gzip.compress, ".gz")
    assert data(str(folder), val=0.2).classes[9] == "9"
    labels = (folder / download.LABELS).read_bytes()
    monkeypatch.setitem(download.FASHION.files, download.LABELS, sha256(labels).hexdigest())
    assert data(str(folder), val=0.2).classes[9] == "Ankle boot"


def test_a_root_may_be_the_folder_above(tmp_path, write_idx):
    write_idx(tmp_path / "MNIST" / "raw")
    assert len(data("mnist", root=str(tmp_path), val=0.2).test) == 20


def test_without_test_files_test_is_cut_too(tmp_path, write_idx):
    folder = write_idx(tmp_path / "set")
    for path in folder.glob("t10k*"):
        path.unlink()
    found = data(str(folder), val=0.25, test=0.25)
    assert [len(part) for part in (found.train, found.val, found.test)] == [30, 15, 15]


def test_limit_shrinks_given_splits_in_proportion(tmp_path, write_idx):
    found = data(str(write_idx(tmp_path / "set")), val=0, limit=40)
    assert (len(found.train), len(found.test)) == (30, 10)


def test_images_of_two_sizes_are_told(tmp_path, write_idx):
    folder = write_idx(tmp_path / "set")
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((20, 7, 4))))
    with pytest.raises(NNArchError, match="has images of 5×4 in train and 7×4 in test: bring them to one"):
        data(str(folder), val=0.2)


def idx_bytes(array):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def damage(name, change):
    def apply(folder):
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return apply


IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (damage(IMAGES, lambda raw: raw[:-1]), "promises 1,200 bytes (60×5×4) but holds 1,199"),
        (damage(IMAGES, lambda raw: raw + b"x"), "promises 1,200 bytes (60×5×4) but holds 1,201"),
        (damage(IMAGES, lambda raw: b"PK" + raw[2:]), "is no IDX file (it begins with 50 4b 08 03)"),
        (damage(IMAGES, lambda raw: raw[:2] + b"\x07" + raw[3:]), "is no IDX file"),
        (damage(IMAGES, lambda raw: b""), "is no IDX file (it begins with nothing)"),
        (damage(IMAGES, lambda raw: raw[:9]), "ends inside its header"),
        (damage(LABELS, lambda raw: idx_bytes(np.zeros((60, 5, 4)))), "3 dimensions where 1 are expected"),
        (damage(LABELS, lambda raw: idx_bytes(np.arange(59) % 10)), "60 rows but y"),
        (damage(LABELS, lambda raw: idx_bytes(np.full(60, 10))), "has the label 10, outside 0 to 9"),
        (lambda folder: (folder / LABELS).unlink(), "no train-labels-idx1-ubyte"),
        (lambda folder: (folder / IMAGES).unlink(), "has no train-images-idx3-ubyte"),
    ],
)
def test_damage_is_named_with_its_file(tmp_path, write_idx, harm, told):
    folder = write_idx(tmp_path)
    harm(folder)
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data("mnist", root=str(folder))
    assert told in str(error.value)


@pytest.mark.parametrize(
    "change", [lambda raw: raw[:-9], lambda raw: b"no gzip", lambda raw: raw[:20] + bytes(30)]
)
def test_a_damaged_gzip_file_is_refused(tmp_path, write_idx, change):
    folder = write_idx(tmp_path, "-", gzip.compress, ".gz")
    damage(IMAGES + ".gz", change)(folder)
    with pytest.raises(NNArchError, match="is a damaged gzip file"):
        data(str(folder))


def test_folders_without_idx_files_say_what_they_hold(tmp_path):
    with pytest.raises(NNArchError, match="it is empty"):
        data(str(tmp_path))
    (tmp_path / "notes.md").write_text("")
    with pytest.raises(NNArchError, match=r"it holds notes\.md"):
        data("mnist", root=str(tmp_path))
    with pytest.raises(NNArchError, match="cannot open the folder"):
        data("mnist", root=str(tmp_path / "nowhere"))
    with pytest.raises(NNArchError, match="cannot open the folder"):
        data("mnist", root="\0")
