"""Targets of every kind from arrays and tables."""

import numpy as np
import pandas as pd
import pytest
import torch

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import as_data, data

X = torch.rand(60, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = (torch.rand(60, 4, generator=torch.Generator().manual_seed(1)) > 0.5).long()


@pytest.mark.parametrize("y", [LABELS, LABELS.float(), LABELS.bool(), LABELS.numpy(), LABELS.tolist()])
def test_several_columns_of_0_and_1_are_labels(y):
    found = data((X, y), val=0, test=0, normalize=False)
    assert (found.kind, found.classes) == ("multi-label", ("y0", "y1", "y2", "y3"))
    assert found.train.y.dtype == torch.float32
    assert sorted(found.train.y.sum(1).tolist()) == sorted(LABELS.sum(1).tolist())


TAGS = [["red"], ["red", "big"], [], {"old", "big"}]


@pytest.mark.parametrize(
    "tags", [TAGS * 10, np.array([*TAGS, None], object)[:4].repeat(10), [(2,), (1, 2)] * 20]
)
def test_lists_of_labels_are_labels(tags):
    numbers = isinstance(tags[0], tuple) and tags[0] == (2,)
    for found in (
        data((X[:40], tags), val=0, test=0),
        data(pd.DataFrame({"a": np.arange(40.0), "tags": list(tags)}), target="tags", val=0, test=0),
    ):
        assert found.kind == "multi-label"
        assert found.classes == (("1", "2") if numbers else ("big", "old", "red"))
        assert found.train.y.sum(0).tolist() == ([20, 40] if numbers else [20, 10, 20])


def test_labels_with_a_missing_one_or_without_end_are_refused():
    with pytest.raises(NNArchError, match="with a missing one"):
        data((X[:40], [["a", None], ["b"]] * 20))
    with pytest.raises(NNArchError, match="there is no target in it"):
        data((X[:40], [[], []] * 20))
    with pytest.raises(NNArchError, match="60 different labels in the lists of 60 samples"):
        data((X, [[f"id{i}", "x"][: 1 + i % 1] for i in range(60)]))


def test_labels_joined_by_a_mark_are_said_to_be_classes_of_combinations():
    notes = data((X, ["red;big", "red", "big;old"] * 20)).notes
    assert any("'y' reads" in note or "y reads as labels joined by ';'" in note for note in notes)
    assert not any("joined" in note for note in data((X, ["Ulm, DE", "Bern, CH", "Paris, FR"] * 20)).notes)


def test_one_hot_rows_are_classes_and_that_is_said():
    for y in (torch.eye(4)[torch.arange(60) % 4], np.eye(4, dtype=int)[np.arange(60) % 4]):
        found = data((X, y), val=0, test=0)
        assert (found.kind, found.classes) == ("classification", ("0", "1", "2", "3"))
        assert torch.bincount(found.train.y).tolist() == [15] * 4
        assert any("one-hot" in note for note in found.notes)


def test_several_numbers_are_outputs():
    found = data((X, torch.rand(60, 3)))
    assert (found.kind, found.outputs) == ("regression", 3)


def test_columns_of_a_table():
    table = pd.DataFrame(
        {"a": range(60), "p": [0, 1] * 30, "q": [True, True, False] * 20, "r": np.arange(60) / 2}
    )
    labelled = data(table, target=["p", "q"])
    assert (labelled.kind, labelled.classes, labelled.features) == ("multi-label", ("p", "q"), ("a", "r"))
    numbers = data(table, target=["a", "r"], val=0, test=0)
    assert (numbers.kind, numbers.classes) == ("regression", ("a", "r"))
    assert torch.equal(numbers.train.y[:, 0], 2 * numbers.train.y[:, 1])
    with pytest.raises(NNArchError, match="several targets must all be numbers"):
        data(table.assign(p="x"), target=["p", "a"])
    with pytest.raises(NNArchError, match="no target in 'r'"):
        data(table.assign(r=np.nan), target=["a", "r"])


@pytest.mark.parametrize("shape", [(60, 8, 8), (60, 1, 8, 8)])
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8])
def test_a_class_for_each_pixel_is_a_mask(shape, dtype):
    y = torch.arange(60 * 64).reshape(shape).remainder(3).to(dtype)
    found = data((X, y))
    assert (found.kind, found.classes) == ("segmentation", ("0", "1", "2"))
    assert found.train.y.shape == (42, 8, 8)
    assert found.train.y.dtype == torch.int64


def test_masks_of_8_bits_use_255_as_masks_do():
    y = torch.zeros(60, 8, 8, dtype=torch.uint8)
    y[:, 0] = 255
    two = data((X, y))
    assert (two.classes, sorted(two.train.y.unique().tolist())) == (("0", "1"), [0, 1])
    y[:, 1] = 1
    assert sorted(data((X, y)).train.y.unique().tolist()) == [-100, 0, 1]


def test_masks_that_are_no_classes_are_refused():
    with pytest.raises(NNArchError, match="the class of a pixel is a number from 0"):
        data((X, torch.full((60, 8, 8), -3)))
    with pytest.raises(NNArchError, match="class of each pixel is an integer"):
        data((X, torch.rand(60, 1, 8, 8)))


@pytest.mark.parametrize("x", [X, X[:, 0], X.flatten(1), X.numpy()])
def test_samples_may_be_their_own_target(x):
    found = data((x, x))
    assert (found.kind, found.classes) == ("reconstruction", ())
    for part in (found.train, found.val, found.test):
        assert torch.equal(part.x, part.y)
    assert data((x, x + 0)).kind == "reconstruction"


def test_what_is_to_be_given_back_is_scaled_as_what_is_given():
    found = data((X + 1, X), val=0, test=0)
    assert found.kind == "reconstruction"
    assert torch.allclose(found.raw(found.train.x) - 1, found.raw(found.train.y), atol=1e-5)


def test_splits_may_have_masks_too():
    y = torch.arange(60 * 64).reshape(60, 8, 8).remainder(3)
    found = as_data((X[:40], y[:40], X[40:], y[40:]))
    assert (found.kind, len(found.train), len(found.val)) == ("segmentation", 40, 20)


@pytest.mark.parametrize(
    "options", [{"window": 3}, {"text": "a"}, {"max_len": 4}, {"size": 8}, {"level": "char"}]
)
@pytest.mark.parametrize("source", ["iris", "vowels", (X, LABELS)])
def test_an_option_that_means_nothing_is_refused(source, options):
    with pytest.raises(NNArchError, match=f"{next(iter(options))}= means nothing for"):
        data(source, **options)


def test_a_border_of_255_counts_for_nothing_in_whole_numbers_too():
    masks = torch.arange(3).repeat(20).reshape(20, 1, 3).expand(20, 2, 3).clone()
    masks[:, 0, 0] = 255
    found = data((torch.rand(20, 1, 2, 3), masks), val=0, test=0)
    assert found.classes == ("0", "1", "2")
    assert (found.train.y[:, 0, 0] == -100).all()
    black = data((torch.rand(20, 1, 2, 3), (masks == 1).long() * 255), val=0, test=0)
    assert black.classes == ("0", "1")
    assert (black.train.y == 1).any()
