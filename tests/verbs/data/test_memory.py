"""Arrays, tensors, data sets and loaders, alone or by split."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, random_split

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import as_data, data

X = torch.rand(100, 5, generator=torch.Generator().manual_seed(0))
Y = torch.arange(100) % 4


class Squares(Dataset):
    """Items made by a function; knows no end, as many written by hand."""

    def __init__(self, n=40, item=lambda i: (torch.full((3,), float(i)), i % 2)):
        self.n, self.item = n, item

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return self.item(i)


class Stream(IterableDataset):
    def __iter__(self):
        return iter([(torch.zeros(2), 0)] * 9)


def lengths(found):
    return len(found.train), len(found.val), len(found.test)


@pytest.mark.parametrize(
    "source",
    [
        (X, Y),
        [X, Y],
        (X.numpy(), Y.numpy()),
        (X.tolist(), Y.tolist()),
        (X.double().numpy()[::-1][::-1], Y.numpy().astype(">i4")),
        {"x": X, "y": Y},
        {"data": X.numpy(), "target": Y.numpy()},
        TensorDataset(X, Y),
        TensorDataset(X.requires_grad_(False), Y.reshape(-1, 1)),
    ],
)
def test_one_body_of_samples_is_cut(source):
    found = data(source)
    assert lengths(found) == (70, 15, 15)
    assert (found.shape, found.classes) == ((5,), ("0", "1", "2", "3"))
    assert np.allclose(np.sort(found.to_pandas()["x0"]), np.sort(X[:, 0]), atol=1e-5)


@pytest.mark.parametrize(
    ("source", "sizes"),
    [
        ((X[:60], Y[:60], X[60:], Y[60:]), (60, 40, 0)),
        ((X[:60], Y[:60], X[60:80], Y[60:80], X[80:], Y[80:]), (60, 20, 20)),
        ({"x": X[:60], "y": Y[:60], "x_val": X[60:], "y_val": Y[60:]}, (60, 40, 0)),
        ({"x_train": X[:60], "y_train": Y[:60], "x_test": X[60:], "y_test": Y[60:]}, (60, 0, 40)),
        ({"train": (X[:60], Y[:60]), "valid": TensorDataset(X[60:], Y[60:])}, (60, 40, 0)),
        ({"train": DataLoader(TensorDataset(X[:60], Y[:60]), 7), "test": (X[60:], Y[60:])}, (60, 0, 40)),
        ((TensorDataset(X[:60], Y[:60]), TensorDataset(X[60:], Y[60:])), (60, 40, 0)),
    ],
)
def test_given_splits_are_kept_exactly(source, sizes):
    found = data(source, normalize=False)
    assert lengths(found) == sizes
    assert torch.equal(found.train.x, X[:60])
    assert torch.equal(torch.cat([found.val.x, found.test.x]), X[60:])
    assert torch.equal(torch.cat([found.val.y, found.test.y]), Y[60:])
    assert "splits kept as given" in found.notes


def test_rows_of_given_splits_that_overlap_are_told():
    found = data((X, Y, X[:10], Y[:10]))
    assert "10 rows of val also occur in train" in found.notes


def test_a_set_only_held_out_may_have_one_class():
    found = as_data({"test": (X[:3], torch.ones(3, dtype=torch.long))})
    assert lengths(found) == (0, 0, 3)
    assert found.held_out[0] == "test"


def test_random_split_and_plain_datasets():
    assert lengths(data(random_split(Squares(), [30, 10]))) == (30, 10, 0)
    found = data(Squares(), normalize=False, val=0, test=0)
    assert found.train.x[:, 0].tolist() == list(range(40))
    assert (found.name, found.train.y[:2].tolist()) == ("Squares", [0, 1])


def test_a_shuffling_loader_and_random_transforms_repeat_and_leave_the_generators():
    noisy = Squares(item=lambda i: (torch.rand(3), i % 2))
    state = torch.get_rng_state()
    one, two = (data(DataLoader(noisy, 8, shuffle=True)).train.x for _ in range(2))
    assert torch.equal(one, two)
    assert torch.equal(torch.get_rng_state(), state)
    found = data(DataLoader(Squares(), 7, drop_last=True))
    assert sum(lengths(found)) == 35
    assert "read from DataLoader in one pass, its incomplete last batch left out as it asks" in found.notes


def test_pictures_become_channels_first():
    found = data(
        Squares(item=lambda i: (Image.new("RGB", (9, 8), (i, 0, 255)), "ab"[i % 2])), normalize=False
    )
    assert (found.shape, found.bounds, found.classes) == ((3, 8, 9), (0, 255), ("a", "b"))
    assert found.train.x[:, 2].unique().tolist() == [255]
    grey = data(([Image.new("L", (9, 8), i) for i in range(40)], [0, 1] * 20))
    assert grey.shape == (1, 8, 9)


def test_pixels_and_tokens_keep_their_meaning():
    pixels = torch.randint(0, 256, (100, 6, 6), dtype=torch.uint8)
    found = data((pixels, Y))
    assert (found.shape, found.bounds, found.train.x.dtype) == ((1, 6, 6), (0, 255), torch.float32)
    assert "x of 8-bit 6×6 taken as grey images" in found.notes
    tokens = data((torch.randint(0, 50, (100, 7)), Y))
    assert (tokens.train.x.dtype, tokens.normalization) == (torch.int64, None)
    assert "integers taken as tokens" in tokens.notes


@pytest.mark.parametrize(("low", "high", "bounds"), [(0, 1, (0, 1)), (-1, 1, (-1, 1)), (0, 200, (0, 255))])
def test_the_range_of_float_images_is_judged_and_told(low, high, bounds):
    images = torch.linspace(low, high, 100 * 16).reshape(100, 1, 4, 4)
    found = data((images, Y))
    assert found.bounds == bounds
    assert any(note.startswith("range taken to be") for note in found.notes)
    assert found.normalization.mean.shape == (1, 1, 1)


def test_channels_last_is_never_guessed():
    with pytest.raises(NNArchError, match=r"channels last \(8×8×3\).*permute\(0, 3, 1, 2\)"):
        data((torch.zeros(100, 8, 8, 3, dtype=torch.uint8), Y))
    found = data((torch.rand(100, 8, 8, 3), Y))
    assert found.shape == (8, 8, 3)
    assert any("if channels come last, permute" in note for note in found.notes)


@pytest.mark.parametrize(
    ("labels", "classes", "told"),
    [
        (np.array(["u", "v"] * 50), ("u", "v"), None),
        (np.array([True, False] * 50), ("False", "True"), None),
        (Y + 3, ("3", "4", "5", "6"), "labels renumbered from 0: 3→0, 4→1, 5→2, 6→3"),
        (Y * 2 - 3, ("-3", "-1", "1", "3"), "labels renumbered from 0: -3→0, -1→1, 1→2, 3→3"),
    ],
)
def test_labels_become_numbers_and_keep_their_names(labels, classes, told):
    found = data((X, labels), val=0, test=0)
    assert found.classes == classes
    assert [classes[i] for i in found.train.y.tolist()] == [str(v) for v in np.asarray(labels)]
    assert told is None or told in found.notes


def test_for_a_network_that_is_there_labels_are_its_numbers_and_values_as_they_are():
    found = as_data((X, Y + 3, X[:10], Y[:10] + 3))
    assert torch.equal(found.train.y, Y + 3)
    assert (found.outputs, found.normalization) == (7, None)
    assert torch.equal(found.train.x, X)
    assert as_data((X, Y * 2 - 3)).outputs == 4


def test_numbers_to_predict():
    one, several = data((X, torch.rand(100))), data((X, np.random.default_rng(0).random((100, 3))))
    assert (one.kind, one.train.y.shape, one.outputs) == ("regression", (70, 1), 1)
    assert (several.train.y.dtype, several.outputs) == (torch.float32, 3)


def test_saved_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X[:60], y_train=Y[:60], x_test=X[60:], y_test=Y[60:])
    assert lengths(data(str(tmp_path / "a.npz"))) == (60, 0, 40)
    np.savez(tmp_path / "evil.npz", x=np.array([{}], object), y=[0])
    with pytest.raises(NNArchError, match="cannot read"):
        data(str(tmp_path / "evil.npz"))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ((X, Y[:99]), "x has 100 rows but y has 99"),
        ((X, Y, X[:9], Y[:8]), "x_val has 9 rows but y_val has 8"),
        ((X[:0], Y[:0]), "x is empty"),
        (
            (X.clone().index_fill_(0, torch.tensor([7]), float("nan")), Y),
            "5 NaN or infinite values, the first in row 7",
        ),
        ((X, Y.float().index_fill_(0, torch.tensor([7]), float("nan"))), "1 of 100 targets in y are missing"),
        ((X, np.array(["a", None] * 50, object)), "50 of 100 targets in y are missing"),
        ((X, torch.arange(300).reshape(100, 3)), "labels (n, labels) of 0 and 1"),
        ((X, torch.rand(100, 2, 2)), "have shape (n,) or (n, outputs)"),
        ((X, torch.arange(100)), "100 different values in 100 rows"),
        ((X, 3), "y is a single value"),
        ((3, Y), "x is a single number"),
        ((X + 1j, Y), "complex numbers"),
        ((np.ma.masked_less(X.numpy(), 0.01), Y), "masked values: fill them first"),
        (([np.ma.masked_equal([1.0, 2], 2)] * 100, Y), "x has 100 masked values"),
        ((X, np.ma.masked_equal(Y.numpy(), 2)), "y has 25 masked values"),
        ((X, pd.Series(["a", pd.NA] * 50, dtype="string")), "50 of 100 targets in y are missing"),
        ((X, [1e300, 2.0] * 50), "beyond what float32 can hold"),
        (([["a"]] * 100, Y), "not numbers"),
        (([[1], [1, 2]] * 50, Y), "differ in length (1 and 2): fill up ids of tokens with 0"),
        (([["a"], ["b", "c"]] * 50, Y), "differ in length (1 and 2): join the words of each"),
        (([torch.rand(2), torch.rand(1, 3)] * 50, Y), "differ in shape ((2,) and (1, 3))"),
        ((torch.arange(-1, 99).reshape(50, 2), Y[:50]), "x holds -1, and long integers in rows are ids"),
        ((X, Y, X[:, :3], Y), "those in the first split (5,)"),
        ((X, Y, X, Y.float()), "of different kinds (classes, floats)"),
        ((X, Y, X), "a tuple of 3"),
        (X, "a Tensor alone has no targets"),
        (X.numpy(), "a ndarray alone has no targets"),
        (None, "cannot make data from None"),
        (7, "cannot make data from 7"),
        (len, "cannot make data from"),
        ({}, "the dict is empty"),
        ({"x": X}, "the dict has x but no y for train"),
        ({"x": X, "y": Y, "x_vall": X}, "Did you mean `x_val`?"),
        ({"train": (X, Y), "tset": (X, Y)}, "Did you mean `test`?"),
        ({"train": (X, Y), "x": X}, "no place for 'train'"),
        ({"train": (X, Y), "val": X}, "each split is a pair"),
        (Stream(), "an IterableDataset without a length"),
        (DataLoader(Stream()), "an IterableDataset without a length"),
        (Squares(0), "the Squares is empty"),
        (Squares(item=lambda i: torch.rand(2)), "must be a pair of a sample and its target"),
        (Squares(item=lambda i: (torch.rand(2), 0, 0)), "is 3 parts"),
        (Squares(item=lambda i: (torch.rand(i + 1, 1, 2), 0)), "differ in shape"),
    ],
)
def test_what_is_no_data_is_refused_in_one_line(source, told):
    with pytest.raises(NNArchError, match=r"^[^\n]*$") as error:
        data(source)
    assert told in str(error.value)


def test_a_root_or_target_for_arrays_is_refused():
    with pytest.raises(NNArchError, match="root= is the folder of mnist"):
        data((X, Y), root=".")
    with pytest.raises(NNArchError, match="not of tuple"):
        data((X, Y), target="y")


def test_a_sparse_tensor_beyond_memory_is_refused_before_it_is_unpacked():
    place, value = torch.tensor([[0], [0]]), torch.tensor([1.0])
    x = torch.sparse_coo_tensor(place, value, (10**6, 10**7), check_invariants=True)
    with pytest.raises(NNArchError, match=r"without its sparse layout would take [\d,]+ GiB"):
        data((x, torch.arange(10**6) % 2))
    diagonal = torch.arange(40).repeat(2, 1)
    few = torch.sparse_coo_tensor(diagonal, torch.ones(40), (40, 40), check_invariants=True)
    assert torch.equal(data((few, torch.arange(40) % 2), normalize=False).train.x.sum(1), torch.ones(28))


@pytest.mark.parametrize(
    "rows", [torch.rand, lambda n: np.random.default_rng(n).random(n), lambda n: [0.5] * n]
)
def test_rows_of_unlike_lengths_are_series_of_one_channel(rows):
    found = data(([rows(2 + i % 3) for i in range(40)], [i % 2 for i in range(40)]), val=0, test=0)
    assert (found.form, found.shape, found.padded) == ("series", (4, 1), True)
    assert sorted(found.train.lengths.tolist()) == sorted(2 + i % 3 for i in range(40))


def test_sparse_matrices_and_objects_that_are_numbers_are_arrays():
    from scipy.sparse import csr_array

    values = np.random.default_rng(0).random((40, 3)).round(2)
    for x in (csr_array(values), values.astype(object)):
        found = data((x, [0, 1] * 20), val=0, test=0, normalize=False)
        assert np.allclose(np.sort(found.train.x.numpy(), 0), np.sort(values, 0))


def test_labels_in_bytes_are_text():
    assert data((torch.rand(40, 2), np.array([b"no", b"yes"] * 20))).classes == ("no", "yes")


def test_pictures_of_floats_a_little_above_1_are_not_of_255_levels():
    x = torch.rand(20, 1, 4, 4) + 0.1
    assert data((x, [0, 1] * 10), val=0, test=0).bounds == (float(x.min()), float(x.max()))
    assert data((x.mul(200), [0, 1] * 10), val=0, test=0).bounds == (0, 255)
