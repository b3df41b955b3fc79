"""What a Data knows of itself: its form, real lengths, outputs, and itself as a DataFrame."""

import copy
import pickle

import pytest
import torch

from nnarch_nb.core.data import Data, Normalization, Split, Vocabulary

NAN = float("nan")


def split(x, y=None):
    return Split(x, torch.zeros(len(x)) if y is None else y)


def made(x, kind="classification", y=None, **known):
    part = split(x, y)
    empty = split(x[:0], part.y[:0])
    known = {"classes": ("a", "b"), **known}
    return Data("made", part, empty, empty, kind, tuple(x.shape[1:]), **known)


@pytest.mark.parametrize(
    ("x", "form"),
    [
        (torch.rand(3, 4), "table"),
        (torch.rand(3, 4, 2), "series"),
        (torch.rand(3, 1, 8, 8), "image"),
        (torch.rand(3, 1, 2, 8, 8), "array"),
        (torch.ones(3, 4, dtype=torch.long), "tokens"),
    ],
)
def test_the_form_is_told_by_dimensions_and_type(x, form):
    assert split(x).form == form
    assert made(x).form == form


def test_real_steps_end_where_padding_begins():
    series = torch.tensor([[[1.0, 2], [NAN, 3], [NAN, NAN]], [[1, 1], [1, 1], [1, 1]], [[NAN, NAN]] * 3])
    assert split(series).lengths.tolist() == [2, 3, 0]
    tokens = torch.tensor([[4, 0, 5, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
    assert split(tokens).lengths.tolist() == [3, 0, 4]
    assert split(torch.rand(2, 5)).lengths.tolist() == [1, 1]


def test_padded_says_whether_any_sample_is_shorter():
    whole = torch.rand(3, 4, 2)
    short = whole.clone()
    short[1, 2:] = NAN
    assert not made(whole).padded
    assert made(short).padded
    assert made(torch.tensor([[2, 3], [2, 0]])).padded
    assert not made(torch.rand(3, 4)).padded


@pytest.mark.parametrize(
    ("kind", "x", "outputs", "told"),
    [
        ("classification", torch.rand(2, 3), 2, "2 classes"),
        ("multi-label", torch.rand(2, 3), 2, "2 labels"),
        ("segmentation", torch.rand(2, 3, 4, 4), 2, "segmentation in 2 classes"),
        ("next-token", torch.ones(2, 3).long(), 2, "the next of 2 tokens"),
        ("reconstruction", torch.rand(2, 3, 4, 5), 3, "reconstruction"),
        ("reconstruction", torch.rand(2, 7, 4), 4, "reconstruction"),
        ("reconstruction", torch.rand(2, 7), 7, "reconstruction"),
    ],
)
def test_outputs_and_words_go_by_the_kind(kind, x, outputs, told):
    data = made(x, kind)
    assert data.outputs == outputs
    assert told in repr(data)


def test_a_scale_leaves_padding_what_it_is():
    series = torch.tensor([[[1.0, 10], [3, 30]], [[2, 20], [NAN, NAN]]])
    scale = Normalization(torch.tensor([1.0, 10.0]).double(), torch.tensor([2.0, 20.0]).double())
    data = made(scale.apply(series), normalization=scale)
    assert data.train.lengths.tolist() == [2, 1]
    assert torch.equal(data.raw(data.train.x).nan_to_num(-1), series.nan_to_num(-1))


def test_text_is_text_again_in_a_table():
    vocabulary = Vocabulary(("<pad>", "<unknown>", "good", "day"))
    data = made(torch.tensor([[2, 3], [1, 0]]), vocabulary=vocabulary, y=torch.tensor([0, 1]))
    table = data.to_pandas()
    assert table["text"].tolist() == ["good day", "<unknown>"]
    assert table["target"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "y", "columns"),
    [
        ("multi-label", torch.tensor([[1.0, 0], [1, 1]]), ["a", "b"]),
        ("segmentation", torch.ones(2, 1, 2).long(), ["y0", "y1"]),
        ("reconstruction", torch.rand(2, 1, 1, 2), ["y0", "y1"]),
    ],
)
def test_every_kind_of_target_becomes_columns(kind, y, columns):
    table = made(torch.rand(2, 1, 1, 2), kind, y).to_pandas()
    assert list(table.columns) == ["x0", "x1", *columns, "split"]
    assert table[columns].to_numpy().ravel().tolist() == pytest.approx(y.flatten().tolist())


def test_it_can_be_copied_and_kept_after_lengths_were_asked_for():
    data = made(torch.tensor([[2, 0]]))
    assert data.train.lengths.tolist() == [1]
    assert copy.deepcopy(data).train.lengths.tolist() == [1]
    assert pickle.loads(pickle.dumps(data)).padded
