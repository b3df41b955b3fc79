"""Each sample is answered alone: networks that mix or swallow the batch are refused."""

import re

import pytest
import torch

from nnarch_nb import NNArchError, build
from nnarch_nb.verbs.build.layers.batch import QUICK, each_number

from ..conftest import told_of


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("LSTM(8)", (4,)),
        ("TransformerEncoderLayer(2)", (4,)),
        ("AdaptiveAvgPool2d(1)", (4,)),
        ("Unfold(1)", (6, 4)),
        ("Conv2d(8, 3)", (28, 28)),
        ("nn.Conv2d(1, 8, 3)", (28, 28)),
        ("MaxPool2d(2)", (28, 28)),
        ("InstanceNorm1d()", (4,)),
        ("LSTM(8)", (2, 3, 4)),
        ("Conv2d(8, 3)", (16, 3, 28, 28)),
    ],
)
def test_what_torch_would_read_without_a_batch_is_refused_with_a_cure(written, shape):
    told = told_of(written, shape)
    assert f"{written} gets {shape} but takes (" in told
    cure = re.search(r"(?:Unflatten\(1, \(.*?\)\)|Flatten\(\d\))", told).group()
    assert build(f"{cure}, {written}", shape).shapes


@pytest.mark.parametrize(
    ("written", "shape", "cure"),
    [
        ("Dropout1d()", (20,), "Dropout()"),
        ("Dropout2d(0.3)", (8, 20), "Dropout(0.3)"),
        ("nn.Dropout3d(p=0.1)", (20,), "Dropout(p=0.1)"),
    ],
)
def test_where_there_are_no_channels_to_drop_single_values_are(written, shape, cure):
    assert told_of(written, shape).endswith(f"and drops whole channels; write {cure}")
    assert build(cure, shape).shapes == (shape,)


@pytest.mark.parametrize(
    ("written", "shape", "told"),
    [
        ("Flatten(0)", (4,), "makes (8,) of (2, 4); dimension 0 is the batch"),
        ("Flatten(0, 1)", (4, 5), "makes (8, 5) of (2, 4, 5)"),
        ("Softmax(0)", (4,), "works over dimension 0, the batch"),
        ("Softmax()", (4, 5), "works over dimension 0, the batch"),
        ("Unflatten(0, (1, 2))", (4,), "works over dimension 0, the batch"),
        ("Linear(3), Softmax(3)", (4,), "works over dimension 3, which is not there"),
        ("Linear(4), Last()", (4,), "Last() does not accept (4,)"),
        ("Linear(0)", (4,), "Linear(0) has no weights to learn"),
        ("Conv2d(0, 3)", (1, 28, 28), "Conv2d(0, 3) has no weights to learn"),
        ("nn.Linear(3, 0)", None, "nn.Linear(3, 0) has no weights to learn"),
        ("AdaptiveAvgPool2d(0)", (1, 28, 28), "no values; give sizes of at least 1"),
    ],
)
def test_what_does_not_keep_the_samples_apart_or_leaves_nothing_is_refused(written, shape, told):
    assert told in told_of(written, shape)


@pytest.mark.parametrize("written", ["Softmax(-1)", "Softmax(1)", "Unflatten(1, (2, 2))", "BatchNorm1d()"])
def test_other_dimensions_are_free(written):
    assert build(written, (4,)).shapes


def test_a_samples_answer_does_not_depend_on_its_neighbours():
    model = build("Unflatten(1, (4, 1)), LSTM(8), Last(), Linear(3)", (4,))
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(model(x)[:1], model(x[:1]))


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize(
    "written", ["LSTM(6, bidirectional=True)", "LSTM(6, proj_size=2)", "GRU(6, num_layers=2)", "RNN(6)"]
)
def test_the_shape_of_a_recurrent_layer_is_the_one_that_runs(written):
    model = build(written, (7, 3))
    assert model(torch.zeros(2, 7, 3)).shape[1:] == model.shapes[-1]


def test_many_recurrent_layers_and_steps_are_not_walked_through(monkeypatch):
    monkeypatch.setattr(torch.nn.LSTM, "forward", None)
    assert build("LSTM(8, num_layers=200)", (5000, 5)).shapes == ((5000, 8),)


@pytest.mark.parametrize(
    ("written", "shape", "told"),
    [
        ("nn.LSTM(4, 3, batch_first=True)", (5, 6), "has input_size=4; give 6"),
        ("nn.ConvTranspose2d(2, 1, 2)", (3, 8, 8), "has in_channels=2; give 3"),
        ("nn.InstanceNorm2d(2)", (3, 8, 8), "has num_features=2; give 3"),
        ("Linear(in_features=5, out_features=2)", (4,), "has in_features=5; give 4"),
    ],
)
def test_another_size_than_the_inputs_is_refused(written, shape, told):
    assert told in told_of(written, shape)


@pytest.mark.parametrize(
    "written", ["padding=(1, 1, 1)", "stride=(1, 1, 1)", "dilation=(1, 2, 1)", "kernel_size=(3, 3, 3)"]
)
def test_a_side_too_many_is_refused_though_meta_takes_it(written):
    kernel = "" if "kernel" in written else "kernel_size=3, "
    told = told_of(f"Conv2d(8, {kernel}{written})", (1, 28, 28))
    assert f"takes one {written.partition('=')[0]} or 2, not 3: {written}" in told
    assert build("Conv2d(8, (3, 5), padding=(1, 2))", (1, 28, 28)).shapes == ((8, 28, 28),)


@pytest.mark.parametrize("kind", [kind for kind, how in QUICK.items() if how is each_number])
def test_the_shape_of_each_number_s_layer_is_torch_s_own(kind):
    """What is not run must be what running gives; what torch refuses stays refused."""
    for x in (torch.empty(2, 3, 4, device="meta"), torch.empty(2, 3, dtype=torch.float16, device="meta")):
        quick, run = each_number(kind(), x), kind()(x)
        assert (quick.shape, quick.dtype, quick.device) == (run.shape, run.dtype, run.device)
    with pytest.raises(NNArchError, match="approximate"):
        build("GELU('other')", (4,))
