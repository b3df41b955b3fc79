"""The verb ``summary``."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.summary import Summary, summary
from nnarch_nb.verbs.summary.columns import COLUMNS, ranked
from nnarch_nb.verbs.summary.fold import tree


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


def test_what_cannot_be_counted_is_not_shown_as_nothing(unknown: nn.Module):
    result = summary(unknown, (8,))
    assert repr(result) == "Summary(Unknown: 0 parameters, MACs not measured, 1 layer)"
    forms = result._repr_mimebundle_()
    for text in (forms["text/plain"], forms["text/html"]):
        assert text.count("not measured") >= 2
        assert "Not measured: the MACs of summary_product." in text
    partly = summary(nn.Sequential(nn.Linear(8, 8), unknown), (8,))
    assert repr(partly) == "Summary(Sequential: 72 parameters, at least 64 MACs, 2 layers)"
    assert "MACs a sample: ≥ 64" in partly._repr_mimebundle_()["text/plain"]


@pytest.fixture
def unknown() -> Iterator[nn.Module]:
    """Return a network of a kernel of the user's own."""
    library = torch.library.Library("nnarch_tests", "FRAGMENT")
    library.define("summary_product(Tensor x) -> Tensor")
    library.impl("summary_product", lambda x: x @ x.new_ones(8, 8), "CompositeExplicitAutograd")
    library.impl("summary_product", lambda x: x.new_empty(x.shape), "Meta")

    class Unknown(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.ops.nnarch_tests.summary_product(x)

    yield Unknown()
    library._destroy()


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


def gpt(tied: bool = True) -> nn.Module:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.Embedding(20, 8), nn.Linear(8, 20, bias=False)
            self.blocks = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))
            if tied:
                self.head.weight = self.embed.weight

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.embed(x)
            for block in self.blocks:
                x = block(x)
            return self.head(x)

    return Tied()


def test_repeats_fold_and_what_is_shared_stays_apart() -> None:
    folded = {branch.name: branch for branch in tree(summary(gpt(), (6,)).visible)}
    (block,) = folded["blocks"].inside
    assert (block.name, block.copies, block.total.params, block.one.params) == ("0–3", 4, 288, 72)
    assert block.total.macs == 4 * block.one.macs == 4 * 6 * 64
    assert set(folded) == {"embed", "blocks", "head"}
    assert folded["head"].one.shared_with == ("embed",)
    twins = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    twins[1].weight = twins[0].weight
    assert [branch.copies for branch in tree(summary(twins, (4,)).visible)] == [1, 1]


def test_what_differs_in_training_or_setting_does_not_fold() -> None:
    model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(3)))
    model[1].requires_grad_(False)
    assert [branch.name for branch in tree(summary(model, (4,)).visible)] == ["0", "1", "2"]


def test_sums_of_folded_rows_are_those_of_the_network() -> None:
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 3)
    result = summary(model, (5, 8))
    (layers,) = tree(result.visible)
    assert sum(branch.total.params for branch in layers.inside) == result.params
    assert sum(branch.total.memory or 0 for branch in layers.inside) == layers.total.memory


def test_batch_size_type_and_mode() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(), nn.Linear(4, 2))
    one, many = summary(model, (4,)), summary(model, (4,), batch_size=8)
    assert (many.macs, many.batch, many.output) == (8 * one.macs, 8, (8, 2))
    assert "MACs for this input" in many._repr_mimebundle_()["text/plain"]
    half = summary(model, (4,), dtype="bfloat16")
    assert {row.dtype for row in half.leaves if row.params} == {"bfloat16"}
    assert (half.weights_bytes, half.dtypes) == (one.weights_bytes // 2, ("bfloat16",))
    assert "looked at as bfloat16" in half._repr_mimebundle_()["text/plain"]
    lazy = nn.Sequential(nn.LazyLinear(4))
    assert summary(lazy, (4,), dtype="float32").fallback_reason, "its own type takes no cast"
    assert "Run as in training." in summary(model, (4,), training=True)._repr_mimebundle_()["text/html"]
    assert next(model.parameters()).dtype == torch.float32


def test_ranking() -> None:
    result = summary(gpt(), (6,), sort="macs")
    assert ranked(result.leaves, "macs")[0].path == "head"
    assert [row.path for row in ranked(result.leaves, "name")] == sorted(row.path for row in result.leaves)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["parms"]}, "no column is called 'parms'. Did you mean `params`?"),
        ({"sort": "output"}, "no order is called 'output'"),
        ({"memory_gb": -1}, "memory_gb must be a finite number above 0"),
        ({"dtype": "int8"}, "no number type is called 'int8'"),
        ({"optimizer": "adm"}, "no optimizer is called 'adm'. Did you mean `adam`?"),
        ({"engine": "torchview"}, "no engine is called 'torchview'"),
        ({"training": "yes"}, "training must be True or False, not 'yes'"),
        ({"columns": 5}, "columns must be a list of names, not 5"),
    ],
)
def test_options_that_are_none(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NNArchError) as caught:
        summary(nn.Linear(4, 2), (4,), **options)
    assert message in str(caught.value)


def test_the_docstring_lists_every_column() -> None:
    about = inspect.getdoc(summary) or ""
    assert all(f"``{name}``" in about for name in COLUMNS)


def test_lazy_layers_are_shown_as_they_would_be() -> None:
    model = nn.Sequential(nn.LazyLinear(8), nn.ReLU())
    result = summary(model, (4,))
    assert [(row.params, row.lazy) for row in result.rows if row.leaf] == [(40, True), (0, False)]
    assert "Lazy layers are shown as these inputs would make them" in result._repr_mimebundle_()["text/plain"]
    assert isinstance(model[0], nn.LazyLinear)


def test_receptive_fields_of_a_cnn() -> None:
    layers = [nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(400, 2)]
    result = summary(nn.Sequential(*layers), (1, 26, 26), columns=["receptive_field"])
    assert [row.receptive_field for row in result.leaves] == [(3, 3), (4, 4), (8, 8), None, None]
    assert "Receptive field up to 2: 8×8 input positions" in result._repr_mimebundle_()["text/plain"]
    assert "8×8" in result._repr_mimebundle_()["text/html"]
    assert "Receptive field up to" not in summary(gpt(), (6,))._repr_mimebundle_()["text/plain"]


def test_a_name_alone_is_a_list_and_a_name_twice_is_once() -> None:
    assert summary(nn.Linear(4, 2), (4,), columns="macs").columns == ("macs",)  # type: ignore[arg-type]
    assert summary(nn.Linear(4, 2), (4,), columns=["macs", "params", "macs"]).columns == ("macs", "params")


def test_calls_are_shown_where_a_row_that_is_shown_has_several() -> None:
    twice = nn.Linear(4, 4)
    deep = nn.Sequential(nn.Sequential(nn.Sequential(twice, twice)))
    assert "calls" not in summary(deep, (4,), depth=2).columns
    assert "calls" in summary(deep, (4,), depth=3).columns


def test_a_word_is_no_yes_or_no_for_the_verbs_beside() -> None:
    from nnarch_nb import compare, graph

    with pytest.raises(NNArchError, match="explore must be True or False, not 'no'"):
        graph(nn.Linear(4, 2), (4,), explore="no")  # type: ignore[arg-type]
    with pytest.raises(NNArchError, match="training must be True or False, not 'no'"):
        compare([nn.Linear(4, 2)], (4,), training="no")  # type: ignore[arg-type]
