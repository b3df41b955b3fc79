"""The order of a layer's arguments: torch's, or without the size that follows from the input."""

import pytest
import torch
from torch import nn

from nnarch_nb import build

from ..conftest import told_of

IMAGE, STEPS = (8, 26, 26), (20, 5)


@pytest.mark.parametrize(
    ("written", "shape", "meant"),
    [
        ("BatchNorm2d(8)", IMAGE, nn.BatchNorm2d(8)),
        ("BatchNorm2d(8, affine=False)", IMAGE, nn.BatchNorm2d(8, affine=False)),
        ("BatchNorm2d(1e-3)", IMAGE, nn.BatchNorm2d(8, 1e-3)),
        ("BatchNorm1d(4)", (4,), nn.BatchNorm1d(4)),
        ("InstanceNorm2d(8)", IMAGE, nn.InstanceNorm2d(8)),
        ("GroupNorm(2, 8)", IMAGE, nn.GroupNorm(2, 8)),
        ("GroupNorm(8)", IMAGE, nn.GroupNorm(8, 8)),
        ("LayerNorm(26)", IMAGE, nn.LayerNorm(26)),
        ("LayerNorm([26, 26])", IMAGE, nn.LayerNorm([26, 26])),
        ("RMSNorm(26, 1e-6)", IMAGE, nn.RMSNorm(26, 1e-6)),
        ("Linear(in_features=784, out_features=10)", (784,), nn.Linear(784, 10)),
        ("Conv2d(8, 5)", IMAGE, nn.Conv2d(8, 8, 5)),
    ],
)
def test_a_size_that_can_only_be_torchs_is_taken_where_it_agrees(written, shape, meant):
    assert repr(build(written, shape)[0]) == repr(meant)


@pytest.mark.parametrize(
    ("written", "shape", "told"),
    [
        ("BatchNorm2d(16)", IMAGE, "num_features=16 but (8, 26, 26) comes before it"),
        ("BatchNorm2d(16, affine=False)", IMAGE, "left out: BatchNorm2d(affine=False)"),
        ("GroupNorm(2, 9)", IMAGE, "left out: GroupNorm(2)"),
        ("LayerNorm([8, 26])", IMAGE, "left out: LayerNorm()"),
        ("Linear(100, 10)", (784,), "left out: Linear(10)"),
    ],
)
def test_a_size_that_does_not_agree_is_refused(written, shape, told):
    assert told in told_of(written, shape)


@pytest.mark.parametrize(
    ("written", "shape", "told"),
    [
        ("Conv2d(8, 3, 1.5)", IMAGE, "stride=1.5 must be a whole number"),
        ("Conv2d(8, 3, (1.5, 1))", IMAGE, "stride=(1.5, 1) must be a whole number"),
        ("Conv2d(8, 3, stride='a')", IMAGE, "stride='a' must be a whole number"),
        ("Embedding(8, 8, 0.5)", (5,), "padding_idx=0.5 must be a whole number"),
        ("LSTM(1, True)", STEPS, "num_layers=True must be a whole number"),
        ("LayerNorm(26, 26)", IMAGE, "eps=26 must be a small number"),
        ("ReLU(3)", (4,), "ReLU(3): inplace=3 is a flag; write True or False"),
        ("Sigmoid(3)", (4,), "it takes no arguments"),
        ("EmbeddingBag(3, 3, _weight=1)", (5,), "no argument '_weight'"),
        ("Linear(99999999999999999999)", (4,), "too large"),
        ("LSTM(8, num_layers=2147483648)", STEPS, "num_layers=2147483648 is out of range: 1 to 1,000"),
        ("Conv2d(8, None, 1)", IMAGE, "kernel_size=None must be a whole number"),
        ("Conv2d(8, ((3,),), 1)", IMAGE, "kernel_size=((3,),) must be a whole number"),
        ("LSTM(8, (2,))", STEPS, "num_layers=(2,) must be a whole number"),
        ("Linear(3, foo=2)", (4,), "no argument 'foo'. It takes out_features, bias"),
        ("Conv2d(8, kernelsize=3)", IMAGE, "Did you mean `kernel_size`?"),
        ("LSTM(8, 0)", STEPS, "num_layers=0 is out of range"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(written, shape, told):
    assert told in told_of(written, shape)


def test_a_recurrent_network_takes_its_nonlinearity():
    assert build('RNN(10, nonlinearity="relu")', STEPS)[0].nonlinearity == "relu"
    assert build('nn.RNN(5, 10, 1, "relu", batch_first=True)', STEPS)[0].nonlinearity == "relu"


@pytest.mark.parametrize("written", ["nn.LSTM(5, 10)", "LSTM(10, batch_first=False)"])
def test_time_first_is_refused(written):
    assert "give batch_first=True" in told_of(written, STEPS)
    cured = written.replace("=False", "=True") if "batch" in written else "nn.LSTM(5, 10, batch_first=True)"
    assert build(cured, STEPS)(torch.zeros(2, 20, 5)).shape == (2, 20, 10)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("Conv2d(8, 3, stirde=2)", "line 1, column 14: "),
        ("ReLU(),\n  nn.Conv2d(1, 8,\n   3.5)", "line 3, column 4: "),
        ("Conv2d(8, 3, bias=1)", "line 1, column 14: "),
        ("block = [ReLU(), Conv2d(8.5, 3)]\nRepeat(2, block)", "line 1, column 25: "),
        ("Conv2d(8)", "line 1, column 1: "),  # what is missing stands nowhere
    ],
)
def test_a_wrong_argument_is_pointed_at(written, place):
    assert told_of(written, IMAGE).startswith(place)
