"""In which order the arguments of a layer are meant; torch's own is refused with a spelling for each."""

import re

import pytest
import torch
from torch import nn

from nnarch_nb import build

from ..conftest import told_of

GREY, COLOURED, EIGHT, STEPS = (1, 28, 28), (3, 64, 64), (8, 32, 32), (20, 8)


def sequence(kind, *args):
    return kind(*args, batch_first=True)


TORCHS = [
    ("Conv2d(1, 32, 3)", GREY, nn.Conv2d(1, 32, 3)),
    ("Conv2d(3, 6, 5)", (3, 32, 32), nn.Conv2d(3, 6, 5)),
    ("Conv2d(3, 64, 7, 2, 3)", COLOURED, nn.Conv2d(3, 64, 7, 2, 3)),
    ("Conv2d(3, 8, 3, padding='same')", COLOURED, nn.Conv2d(3, 8, 3, padding="same")),
    ("Conv2d(8, 6, kernel_size=5)", EIGHT, nn.Conv2d(8, 6, 5)),
    ("Conv2d(8, 4, 3)", EIGHT, nn.Conv2d(8, 4, 3)),
    ("Conv2d(8, 8, 3, 1, 1)", EIGHT, nn.Conv2d(8, 8, 3, 1, 1)),
    ("Conv2d(64, 10, 1)", (64, 32, 32), nn.Conv2d(64, 10, 1)),
    ("Conv2d(64, 1, 1)", (64, 32, 32), nn.Conv2d(64, 1, 1)),
    ("Conv2d(64, 3, 3, 1, 1)", (64, 32, 32), nn.Conv2d(64, 3, 3, 1, 1)),
    ("Conv2d(64, 64, 3)", (64, 200, 200), nn.Conv2d(64, 64, 3)),
    ("Conv2d(64, 128, 3, 2, 1)", (64, 200, 200), nn.Conv2d(64, 128, 3, 2, 1)),
    ("Conv2d(3, 3, 3)", (3, 9, 9), nn.Conv2d(3, 3, 3)),
    ("Conv2d(3, 3, 3, 1)", (3, 9, 9), nn.Conv2d(3, 3, 3, 1)),
    ("Conv2d(3, 5, 1, 2)", (3, 9, 9), nn.Conv2d(3, 5, 1, 2)),
    ("Conv2d(3, 64, 16, 16)", (3, 224, 224), nn.Conv2d(3, 64, 16, 16)),
    ("Conv2d(3, 16, (1, 5), (1, 2))", COLOURED, nn.Conv2d(3, 16, (1, 5), (1, 2))),
    ("Conv1d(1, 16, 15)", (1, 99), nn.Conv1d(1, 16, 15)),
    ("ConvTranspose2d(64, 32, 2, 2)", (64, 7, 7), nn.ConvTranspose2d(64, 32, 2, 2)),
    ("ConvTranspose2d(100, 512, 4, 1, 0)", (100, 1, 1), nn.ConvTranspose2d(100, 512, 4, 1, 0)),
    ("Linear(784, 128)", (784,), nn.Linear(784, 128)),
    ("Linear(784, 128, False)", (784,), nn.Linear(784, 128, False)),
    ("GRU(12, 64)", (20, 12), sequence(nn.GRU, 12, 64)),
    ("LSTM(8, 8)", STEPS, sequence(nn.LSTM, 8, 8)),
    ("LSTM(2, 3)", (20, 2), sequence(nn.LSTM, 2, 3)),
    ("LSTM(300, 128)", (20, 300), sequence(nn.LSTM, 300, 128)),
    ("Embedding(100, 16), LSTM(16, 32)", (20,), sequence(nn.LSTM, 16, 32)),
    ("TransformerEncoderLayer(8, 2)", STEPS, sequence(nn.TransformerEncoderLayer, 8, 2)),
    ("TransformerEncoderLayer(8, 8)", STEPS, sequence(nn.TransformerEncoderLayer, 8, 8)),
    (
        "TransformerEncoderLayer(8, 2, 32, batch_first=True)",
        STEPS,
        sequence(nn.TransformerEncoderLayer, 8, 2, 32),
    ),
]  # fmt: skip
LAZY = [
    ("Conv2d(32, 3)", GREY, nn.Conv2d(1, 32, 3)),
    ("Conv2d(64, 3, 1)", (64, 32, 32), nn.Conv2d(64, 64, 3, 1)),
    ("Conv2d(64, 3, 1, bias=False)", (64, 32, 32), nn.Conv2d(64, 64, 3, 1, bias=False)),
    ("Conv2d(8, 3, 1, 1)", EIGHT, nn.Conv2d(8, 8, 3, 1, 1)),
    ("Conv2d(8, 3, 1, padding=1)", EIGHT, nn.Conv2d(8, 8, 3, 1, padding=1)),
    ("Conv2d(8, 3, 2, 1, groups=8)", EIGHT, nn.Conv2d(8, 8, 3, 2, 1, groups=8)),
    ("Conv2d(32, 7, 2, 3)", (32, 32, 32), nn.Conv2d(32, 32, 7, 2, 3)),
    ("Conv2d(16, 2, 2)", (16, 32, 32), nn.Conv2d(16, 16, 2, 2)),
    ("Conv2d(16, 8, 8)", (16, 32, 32), nn.Conv2d(16, 16, 8, 8)),
    ("Conv2d(16, 3, 1, 2, 2)", (16, 32, 32), nn.Conv2d(16, 16, 3, 1, 2, 2)),
    ("Conv2d(768, 16, 16)", (3, 224, 224), nn.Conv2d(3, 768, 16, 16)),
    ("Conv2d(96, 11, 4, 2)", (3, 227, 227), nn.Conv2d(3, 96, 11, 4, 2)),
    ("Conv2d(64, 1, 1)", (32, 8, 8), nn.Conv2d(32, 64, 1, 1)),
    ("Conv2d(1, 3, padding=1)", GREY, nn.Conv2d(1, 1, 3, padding=1)),
    ("ConvTranspose2d(8, 3, 1, 1)", EIGHT, nn.ConvTranspose2d(8, 8, 3, 1, 1)),
    ("ConvTranspose2d(8, 4, 2, 1)", EIGHT, nn.ConvTranspose2d(8, 8, 4, 2, 1)),
    ("Linear(10, False)", (10,), nn.Linear(10, 10, False)),
    ("LSTM(8, 2)", STEPS, sequence(nn.LSTM, 8, 8, 2)),
    ("GRU(64, 3)", STEPS, sequence(nn.GRU, 8, 64, 3)),
    ("TransformerEncoderLayer(8, 16)", STEPS, sequence(nn.TransformerEncoderLayer, 8, 8, 16)),
]


@pytest.mark.parametrize(("written", "shape", "meant"), LAZY)
def test_arguments_are_those_of_the_lazy_class(written, shape, meant):
    model = build(written, shape)
    assert repr(model[-1]) == repr(meant)
    assert repr(build(model.spec, shape)) == repr(model)


@pytest.mark.parametrize(("written", "shape", "meant"), TORCHS)
def test_torchs_own_order_is_refused_and_both_spellings_mean_it(written, shape, meant):
    told = told_of(written, shape)
    short, own = re.search(r"own order; write (.*), or (nn\..*) with the size", told).groups()
    before = written[: written.rindex(type(meant).__name__)]
    for spelling in (short, own):
        assert repr(build(before + spelling, shape)[-1]) == repr(meant)


@pytest.mark.parametrize(
    ("written", "shape", "meant"),
    [
        ("Conv2d(3, 3, 3)", (3, 9, 9), nn.Conv2d(3, 3, 3, 3)),
        ("Conv2d(64, 1, 1)", (64, 8, 8), nn.Conv2d(64, 64, 1)),
        ("LSTM(2, 3)", (20, 2), sequence(nn.LSTM, 2, 2, 3)),
        ("LSTM(8, 16)", (20, 12), sequence(nn.LSTM, 12, 8, 16)),
        ("Conv2d(1, 32, 3)", COLOURED, nn.Conv2d(3, 1, 32, 3)),
    ],
)
def test_what_might_be_meant_without_the_size_has_a_spelling_too(written, shape, meant):
    spelled = re.search(r"; (\S+\(.*\)) if that is meant", told_of(written, shape))[1]
    assert repr(build(spelled, shape)[-1]) == repr(meant)


@pytest.mark.parametrize(
    ("written", "shape", "told"),
    [
        ("Conv2d(16, 32, 3)", EIGHT, "in_channels=16 but (8, 32, 32) comes before it; sizes that follow"),
        ("Linear(100, 10)", (784,), "left out: Linear(10)"),
        ("SelfAttention(8, 2)", STEPS, "own order; write SelfAttention(2)"),
    ],
)
def test_a_size_that_is_not_there_or_needs_no_prefix_is_left_out(written, shape, told):
    message = told_of(written, shape)
    assert told in message
    assert "nn." not in message


def test_reading_an_order_moves_no_generator():
    before = torch.get_rng_state()
    build("LSTM(8, 2)", STEPS)
    assert torch.equal(before, torch.get_rng_state())
