"""The verb ``summary``."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.summary import Summary, summary


def nested() -> nn.Module:
    block = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 4)))
    return nn.Sequential(block, nn.Linear(4, 2))


def test_fields(simple_cnn: nn.Module) -> None:
    result = summary(simple_cnn, (1, 28, 28))
    assert (result.params, result.trainable, result.buffers) == (1_199_882, 1_199_882, 0)
    assert (result.macs, result.output, result.mode) == (11_992_448, (1, 10), "fake")
    assert (result.weights_bytes, result.dtypes) == (4 * 1_199_882, ("float32",))
    assert result.functions == ("relu", "max_pool2d", "flatten")
    conv2 = next(row for row in result.rows if row.path == "conv2")
    assert (conv2.kind, conv2.input, conv2.output) == ("Conv2d", (1, 32, 26, 26), (1, 64, 24, 24))
    assert (conv2.params, conv2.macs, conv2.calls) == (18_496, 10_616_832, 1)


def test_the_same_in_training_and_evaluation(simple_cnn: nn.Module) -> None:
    assert summary(simple_cnn.train(), (1, 28, 28)) == summary(simple_cnn.eval(), (1, 28, 28))


def test_results_are_short_and_tabular(simple_cnn: nn.Module) -> None:
    result = summary(simple_cnn, (1, 28, 28))
    assert repr(result) == "Summary(MendedCNN: 1,199,882 parameters, 11,992,448 MACs, 5 layers)"
    table = result.to_pandas().set_index("path")
    assert table.loc["fc1", "params"] == 9216 * 128 + 128
    assert len(table) == 6


def test_layers_within_a_layer_looked_at_as_a_whole_are_not_shown() -> None:
    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.attention(x, x, x)[0]

    shown = summary(Attends(), (3, 8))
    assert [row.path for row in shown.visible] == ["", "attention"]
    assert [row.path for row in shown.leaves] == ["attention"]


def test_a_list_of_modules_costs_what_is_in_it() -> None:
    class Lists(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.parts[1](self.parts[0](x))

    rows = {row.path: row for row in summary(Lists(), (4,)).rows}
    assert (rows["parts"].calls, rows["parts"].macs) == (0, 32)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ((1, 32, 32), "fc1 (Linear) fails on 1×12544: mat1 and mat2"),
        ((1, 1, 28, 28), "(1, 1, 28, 28) has a batch dimension: give the shape of one sample, (1, 28, 28)"),
        ((0, 28), "size below 1"),
        ("nonsense", "cannot make inputs from"),
        ({"y": torch.zeros(1)}, "the forward of MendedCNN fails on 1: TypeError"),
    ],
)
def test_inputs_that_do_not_fit(simple_cnn: nn.Module, inputs: Any, message: str) -> None:
    with pytest.raises(NNArchError) as caught:
        summary(simple_cnn, inputs)
    assert message in str(caught.value)


def test_a_failure_leads_to_check(article_cnn: nn.Module) -> None:
    with pytest.raises(NNArchError, match=r"fc1 \(Linear\) fails on 1×36864.*%nnarch check"):
        summary(article_cnn, (1, 28, 28))


def test_what_is_no_network_is_said() -> None:
    with pytest.raises(NNArchError, match="Linear is a class, not a network"):
        summary(nn.Linear, (4,))


def test_depth_must_be_at_least_one() -> None:
    with pytest.raises(NNArchError, match="depth must be a whole number of at least 1"):
        summary(nested(), (4,), depth=0)


def test_holds_no_reference_to_the_network() -> None:
    model = nested()
    alive = weakref.ref(model)
    result: Summary = summary(model, (4,))
    del model
    gc.collect()
    assert alive() is None
    assert result.params == 20 + 20 + 10


@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_counted_is_not_shown_as_nothing():
    model = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(8, 4), nn.ReLU()), {nn.Linear})
    forms = summary(model, (8,))._repr_mimebundle_()
    for text in (forms["text/plain"], forms["text/html"]):
        assert text.count("not measured") >= 2
        assert "Not measured: the MACs of linear_dynamic." in text
    partly = nn.Sequential(nn.Linear(8, 8), model)
    assert "MACs a sample: ≥ 64" in summary(partly, (8,))._repr_mimebundle_()["text/plain"]


def test_how_the_input_was_taken_is_told():
    text = summary(nn.LSTM(16, 4), (50, 16))._repr_mimebundle_()["text/plain"]
    assert "LSTM takes time first and read 50 samples of one step" in text


def test_parameters_beside_the_layers_are_told():
    class Token(nn.Module):
        def __init__(self):
            super().__init__()
            self.cls, self.fc = nn.Parameter(torch.zeros(1, 4)), nn.Linear(4, 2)

        def forward(self, x):
            return self.fc(x + self.cls)

    text = summary(Token(), (4,))._repr_mimebundle_()["text/plain"]
    assert "4 parameters of Token, beside those of the layers within, have no row of their own." in text
    assert "no row of their own" not in summary(nn.Linear(4, 2), (4,))._repr_mimebundle_()["text/plain"]
