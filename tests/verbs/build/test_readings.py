"""Which of two orders is meant where the arguments of a layer fit both."""

import re

import pytest
import torch
from torch import nn

from nnarch_nb import build

from .conftest import told_of

GREY, COLOURED, EIGHT, STEPS = (1, 28, 28), (3, 64, 64), (8, 8, 8), (20, 8)


def sequence(kind, *args):
    return kind(*args, batch_first=True)


TORCHS = [
    ("Conv2d(1,16,3)", GREY, nn.Conv2d(1, 16, 3)),
    ("Conv2d(1, 20, 3)", GREY, nn.Conv2d(1, 20, 3)),
    ("Conv2d(3, 64, 7, 2, 3)", COLOURED, nn.Conv2d(3, 64, 7, 2, 3)),
    ("Conv2d(3,8,3,padding='same')", COLOURED, nn.Conv2d(3, 8, 3, padding="same")),
    ("Conv2d(8, 3, 1)", (8, 2, 2), nn.Conv2d(8, 3, 1)),
    ("Conv2d(64, 10, 1)", (64, 32, 32), nn.Conv2d(64, 10, 1)),
    ("Conv2d(64, 2, 1)", (64, 32, 32), nn.Conv2d(64, 2, 1)),
    ("Conv2d(64, 1, 1)", (64, 32, 32), nn.Conv2d(64, 1, 1)),
    ("Conv2d(16, 1, 1)", (16, 32, 32), nn.Conv2d(16, 1, 1)),
    ("Conv2d(64, 3, 1, bias=False)", (64, 32, 32), nn.Conv2d(64, 3, 1, bias=False)),
    ("Conv2d(64, 3, 3, 1, 1)", (64, 32, 32), nn.Conv2d(64, 3, 3, 1, 1)),
    ("Conv2d(8, 4, 3)", (8, 32, 32), nn.Conv2d(8, 4, 3)),
    ("Conv2d(8, 4, 3, 1, 1)", (8, 32, 32), nn.Conv2d(8, 4, 3, 1, 1)),
    ("Conv2d(3, 6, 5)", (3, 32, 32), nn.Conv2d(3, 6, 5)),
    ("Conv2d(64, 64, 3)", (64, 200, 200), nn.Conv2d(64, 64, 3)),
    ("Conv2d(64, 128, 3, 2, 1)", (64, 200, 200), nn.Conv2d(64, 128, 3, 2, 1)),
    ("Conv2d(8, 8, 3, 1, 1)", (8, 32, 32), nn.Conv2d(8, 8, 3, 1, 1)),
    ("Conv2d(64, 16, 3, 1, 2, 2)", (64, 64, 64), nn.Conv2d(64, 16, 3, 1, 2, 2)),
    ("Conv2d(3, 16, (1, 5), (1, 2))", COLOURED, nn.Conv2d(3, 16, (1, 5), (1, 2))),
    ("ConvTranspose2d(64, 32, 2, 2)", (64, 7, 7), nn.ConvTranspose2d(64, 32, 2, 2)),
    ("ConvTranspose2d(100, 512, 4, 1, 0)", (100, 1, 1), nn.ConvTranspose2d(100, 512, 4, 1, 0)),
    ("LSTM(8, 16)", STEPS, sequence(nn.LSTM, 8, 16)),
    ("LSTM(8, 8)", STEPS, sequence(nn.LSTM, 8, 8)),
    ("LSTM(5,10)", (20, 5), sequence(nn.LSTM, 5, 10)),
    ("LSTM(8, 2048)", STEPS, sequence(nn.LSTM, 8, 2048)),
    ("GRU(4,8)", (20, 4), sequence(nn.GRU, 4, 8)),
    ("RNN(4,8)", (20, 4), sequence(nn.RNN, 4, 8)),
    ("Embedding(100,16), LSTM(16,32)", (20,), sequence(nn.LSTM, 16, 32)),
    ("TransformerEncoderLayer(8, 2)", STEPS, sequence(nn.TransformerEncoderLayer, 8, 2)),
    ("TransformerEncoderLayer(8, 2, 32)", STEPS, sequence(nn.TransformerEncoderLayer, 8, 2, 32)),
    (
        "TransformerEncoderLayer(8, 2, 32, 0.1, 'gelu', batch_first=True)",
        STEPS,
        sequence(nn.TransformerEncoderLayer, 8, 2, 32, 0.1, "gelu"),
    ),
]
ODD = [  # neither passes every test: the first that tells the two apart decides
    ("Conv2d(3, 3, 3)", (3, 9, 9), nn.Conv2d(3, 3, 3)),
    ("Conv2d(3, 3, 3, 1)", (3, 9, 9), nn.Conv2d(3, 3, 3, 1)),
    ("Conv2d(64, 10, 1, 1)", (64, 32, 32), nn.Conv2d(64, 10, 1, 1)),
    ("Conv2d(64, 3, 3)", (64, 32, 32), nn.Conv2d(64, 3, 3)),
    ("Conv2d(3, 32, 2)", (3, 32, 32), nn.Conv2d(3, 32, 2)),
    ("Conv2d(1, 16, 4)", (1, 28, 28), nn.Conv2d(1, 16, 4)),
    ("Conv2d(3, 64, 16, 16)", (3, 224, 224), nn.Conv2d(3, 64, 16, 16)),
    ("Conv1d(1, 16, 15)", (1, 99), nn.Conv1d(1, 16, 15)),
    ("Conv2d(8, 3, 1, padding=1)", EIGHT, nn.Conv2d(8, 8, 3, 1, padding=1)),
]
SHORT = [
    ("Conv2d(8, 3, 1, 1)", EIGHT, nn.Conv2d(8, 8, 3, 1, 1)),
    ("Conv2d(8,3,2,1,groups=8)", EIGHT, nn.Conv2d(8, 8, 3, 2, 1, groups=8)),
    ("Conv2d(16,3,2)", (16, 28, 28), nn.Conv2d(16, 16, 3, 2)),
    ("Conv2d(32, 7, 2, 3)", (32, 32, 32), nn.Conv2d(32, 32, 7, 2, 3)),
    ("Conv2d(32, 5, 1, 2)", (32, 32, 32), nn.Conv2d(32, 32, 5, 1, 2)),
    ("Conv2d(16, 2, 2)", (16, 32, 32), nn.Conv2d(16, 16, 2, 2)),
    ("Conv2d(16, 8, 8)", (16, 32, 32), nn.Conv2d(16, 16, 8, 8)),
    ("Conv2d(16, 3, 1, 2, 2)", (16, 32, 32), nn.Conv2d(16, 16, 3, 1, 2, 2)),
    ("ConvTranspose2d(8, 3, 1, 1)", EIGHT, nn.ConvTranspose2d(8, 8, 3, 1, 1)),
    ("LSTM(8, 2)", STEPS, sequence(nn.LSTM, 8, 8, 2)),
    ("GRU(8, 4)", STEPS, sequence(nn.GRU, 8, 8, 4)),
    ("TransformerEncoderLayer(8, 16)", STEPS, sequence(nn.TransformerEncoderLayer, 8, 8, 16)),
]
NARROWING = [
    ("LSTM(8, 5)", STEPS, sequence(nn.LSTM, 8, 5)),
    ("LSTM(300, 128)", (20, 300), sequence(nn.LSTM, 300, 128)),
    ("Conv2d(16, 12, 3)", (16, 28, 28), nn.Conv2d(16, 12, 3)),
    ("Conv2d(64, 32, 3)", (64, 64, 64), nn.Conv2d(64, 32, 3)),
]


@pytest.mark.parametrize(("written", "shape", "meant"), TORCHS + ODD + SHORT + NARROWING)
def test_the_one_reading_that_runs_or_is_usual_is_taken(written, shape, meant):
    model = build(written, shape)
    assert repr(model[-1]) == repr(meant)
    assert repr(build(model.spec, shape)) == repr(model)


@pytest.mark.parametrize(
    ("written", "shape", "as_torch", "without_size"),
    [
        ("Conv2d(3, 5, 1, 2)", (3, 9, 9), nn.Conv2d(3, 5, 1, 2), nn.Conv2d(3, 3, 5, 1, 2)),
        ("ConvTranspose1d(8, 4, 2)", (8, 9), nn.ConvTranspose1d(8, 4, 2), nn.ConvTranspose1d(8, 8, 4, 2)),
        ("LSTM(2, 3)", (20, 2), sequence(nn.LSTM, 2, 3), sequence(nn.LSTM, 2, 2, 3)),
        (
            "TransformerEncoderLayer(8, 8)",
            STEPS,
            sequence(nn.TransformerEncoderLayer, 8, 8),
            sequence(nn.TransformerEncoderLayer, 8, 8, 8),
        ),
    ],
)
def test_readings_as_usual_as_each_other_are_refused_and_each_spelling_means_its_own(
    written, shape, as_torch, without_size
):
    told = told_of(written, shape)
    first, second = re.search(r"order it is (.*), without the input size (.*);", told).groups()
    assert repr(build(first, shape)[0]) == repr(as_torch)
    assert repr(build(second, shape)[0]) == repr(without_size)


@pytest.mark.parametrize(
    ("written", "shape", "told"),
    [
        ("Conv2d(1,16,3)", (1, 2, 2), "Kernel size: (3 x 3)"),
        ("GRU(4,8)", (4,), "Unflatten(1, (1, 4)) before it adds what is missing"),
        ("LSTM(8, 16, batch_first=False)", STEPS, "give batch_first=True"),
        ("TransformerEncoderLayer(8, 3, 32)", STEPS, "embed_dim must be divisible by num_heads"),
    ],
)
def test_where_neither_reading_works_the_usual_one_says_why(written, shape, told):
    assert told in told_of(written, shape)


def test_trying_two_readings_moves_no_generator():
    before = torch.get_rng_state()
    build("LSTM(8, 16)", STEPS)
    assert torch.equal(before, torch.get_rng_state())
