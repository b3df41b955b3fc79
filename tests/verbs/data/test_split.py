"""The cut: nothing in two splits, classes in proportion, copies together, by one seed."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnarch_nb import NNArchError
from nnarch_nb.verbs.data import data, split

sizes = st.lists(st.integers(2, 40), min_size=1, max_size=6)
share = st.sampled_from([0.0, 0.1, 0.15, 0.25, 0.4])


def cut(counts, val, test, seed=0, copies=None):
    labels = np.repeat(np.arange(len(counts)), counts)
    rows = np.arange(len(labels)) + 1000
    copies = np.arange(len(labels)) if copies is None else copies
    return labels, rows, split.cut(rows, labels, copies, {"val": val, "test": test}, seed)


@settings(deadline=None)
@given(sizes, share, share, st.integers(0, 5))
def test_every_row_is_in_one_split_and_every_class_within_rounding(counts, val, test, seed):
    labels, rows, made = cut(counts, val, test, seed)
    assert sorted(np.concatenate(list(made.rows.values()))) == rows.tolist()
    for name, wanted in (("val", val), ("test", test)):
        got = np.bincount(labels[made.rows[name] - 1000], minlength=len(counts))
        assert (np.abs(got - np.array(counts) * wanted) < 1 + 1e-9).all()
        assert len(made.rows[name]) <= round(sum(counts) * wanted) or sum(counts) * wanted < 1
    assert (np.bincount(labels[made.rows["train"] - 1000], minlength=len(counts)) > 0).all()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(20, 60), min_size=2, max_size=4), st.integers(0, 1000))
def test_copies_of_a_row_stay_in_one_split(counts, seed):
    copies = np.arange(sum(counts))
    again = np.random.default_rng(seed).permutation(sum(counts))[:10]
    copies[again] = copies[np.roll(again, 1)] = -1 - np.arange(10) // 2
    _, _, made = cut(counts, 0.15, 0.15, seed, copies)
    assert made.together
    assert made.repeated == sum(n for n in np.unique(copies, return_counts=True)[1] if n > 1)
    homes = {}
    for name, rows in made.rows.items():
        for row in rows:
            assert homes.setdefault(copies[row - 1000], name) == name


def test_one_seed_one_cut():
    one, two, other = (cut([30, 20], 0.2, 0.1, seed)[2].rows["test"].tolist() for seed in (1, 1, 2))
    assert one == two != other


def test_copies_that_fill_the_data_are_cut_all_the_same_and_told():
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]).repeat(30, 1)
    found = data((x, torch.tensor([0, 1, 1, 0]).repeat(30)))
    assert [len(part) for part in (found.train, found.val, found.test)] == [84, 18, 18]
    assert any("too many to keep in one split" in note for note in found.notes)
    assert "18 rows of test also occur in train" in found.notes


def test_copies_are_counted_and_kept_together():
    x = torch.rand(200, 3)
    x[100:110] = x[:10]
    found = data((x, torch.arange(200) % 2))
    assert any(note.startswith("20 rows are copies") for note in found.notes)
    held = {tuple(row) for part in (found.val, found.test) for row in part.x.tolist()}
    assert not held & {tuple(row) for row in found.train.x.tolist()}


def test_a_class_that_a_held_out_split_lacks_is_told():
    labels = torch.tensor([0, 1] * 18 + [2, 2, 3, 3])
    found = data((torch.rand(40, 2), labels))
    absent = len(set(labels.tolist()) - set(found.val.y.tolist()))
    assert absent
    assert f"{absent} of 4 classes have no sample in val" in found.notes


def test_minus_zero_is_zero():
    assert split.copies_of(torch.tensor([[0.0], [-0.0], [1.0]])).tolist() == [0, 0, 1]


def test_no_row_is_in_two_splits_of_a_real_set():
    found = data("digits", normalize=False)
    parts = [{row.numpy().tobytes() for row in part.x} for part in (found.train, found.val, found.test)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    counts = torch.bincount(torch.cat([p.y for p in (found.train, found.val, found.test)]))
    for part in (found.val, found.test):
        assert (torch.bincount(part.y) - 0.15 * counts).abs().max() < 1


@pytest.mark.parametrize("count", [10, 11, 57, 100])
def test_limited_rows_keep_order_and_proportion(count):
    labels = np.repeat([0, 1, 2], [70, 25, 5])
    kept = split.limited(np.arange(100), labels, count, 0)
    assert kept.tolist() == sorted(kept)
    got = np.bincount(labels[kept], minlength=3)
    assert got.sum() == count
    assert (got >= 1).all()
    assert np.abs(got - np.array([0.7, 0.25, 0.05]) * count).max() < 1.1


@pytest.mark.parametrize(
    ("labels", "options", "told"),
    [
        ([0] * 50, {}, "one class only"),
        ([0] * 50, {"val": 0, "test": 0}, "one class only"),
        ([0, 1] * 24 + [2, 3], {}, "2 of 4 classes (2, 3) have a single sample"),
        ([0, 1, 2, 3, 4] * 2, {}, "is 2, too few for 5 classes"),
        ([0.5, 0.1], {}, "is 0, too few for a split"),
    ],
)
def test_a_cut_that_cannot_be_is_refused(labels, options, told):
    with pytest.raises(NNArchError) as error:
        data((torch.rand(len(labels), 2), np.array(labels)), **options)
    assert told in str(error.value)


def test_no_held_out_split_need_be_made():
    found = data((torch.rand(9, 2), torch.arange(9) % 2), val=0, test=0)
    assert (len(found.train), len(found.val), len(found.test)) == (9, 0, 0)
    assert found.held_out[0] == "train"


def test_sets_of_copies_that_fit_no_quota_exactly_are_kept_together():
    found = data((torch.rand(20, 4).repeat(4, 1), torch.arange(20).repeat(4) % 2))
    train = {tuple(row) for row in found.train.x.tolist()}
    assert min(len(found.val), len(found.test)) > 0
    assert not train & {tuple(row) for part in (found.val, found.test) for row in part.x.tolist()}


def test_training_is_not_the_copies_of_one_row_alone():
    x = torch.cat([torch.zeros(60, 2), torch.arange(40.0).reshape(20, 2) + 1])
    found = data((x, torch.arange(80) % 2))
    assert len(found.train.x.unique(dim=0)) >= 8
    assert any("too many to keep in one split each" in note for note in found.notes)
    assert any("rows of test also occur in train" in note for note in found.notes)
