"""From a family or a text to a network with the right sizes."""

import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import nnarch_nb
from nnarch_nb import NNArchError, build
from nnarch_nb.core.data import Data, Split

SIMPLE_CNN = """
Conv2d(32, 3), ReLU()
Conv2d(64, 3), ReLU(), MaxPool2d(2)
Dropout(0.25), Flatten()
Linear(128), ReLU()
Linear(10)
"""


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def same_weights(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


def test_the_articles_network_is_the_cnn_family():
    family, text = build("cnn", (1, 28, 28), 10), build(SIMPLE_CNN, (1, 28, 28))
    assert parameters(family) == 320 + 18_496 + 1_179_776 + 1_290
    assert family.spec == text.spec
    assert same_weights(family, text)
    assert family(torch.zeros(3, 1, 28, 28)).shape == (3, 10)
    assert family.shapes[4] == (64, 12, 12)


def test_mlp_has_the_parameters_of_its_formula():
    model = build("mlp", (13,), 3, width=32, depth=2)
    assert parameters(model) == (13 * 32 + 32) + (32 * 32 + 32) + (32 * 3 + 3)


def test_names_are_readable_and_the_network_is_ordinary():
    model = build("cnn", (1, 8, 8), 10)
    assert list(dict(model.named_children()))[:5] == ["conv1", "relu1", "conv2", "relu2", "maxpool1"]
    assert isinstance(model, nn.Sequential)
    again = pickle.loads(pickle.dumps(model))
    assert same_weights(model, again)
    assert again.spec == model.spec


def test_the_same_seed_draws_the_same_weights_and_moves_no_generator():
    before = torch.get_rng_state()
    first, second, other = (build("mlp", (4,), 3, seed=seed) for seed in (7, 7, 8))
    assert same_weights(first, second)
    assert not same_weights(first, other)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("text", "shape", "output"),
    [
        ("LSTM(16), Last(), Linear(9)", (20, 12), (9,)),
        ("GRU(8, num_layers=2, bidirectional=True), Last(), Linear(4)", (5, 3), (4,)),
        ("Embedding(100, 16), LSTM(8), Last(), Linear(2)", (12,), (2,)),
        ("LayerNorm(), Linear(3)", (7,), (3,)),
        ("Conv2d(8, 3), BatchNorm2d(), GroupNorm(2), AdaptiveAvgPool2d(1), Flatten()", (3, 8, 8), (8,)),
        ("ConvTranspose1d(4, 3), InstanceNorm1d(), Flatten(), Linear(2)", (2, 10), (2,)),
        ("TransformerEncoderLayer(4), Last(), Linear(3)", (10, 16), (3,)),
        ("nn.Conv2d(1, 6, 5), ReLU(), Flatten(), Linear(2)", (1, 9, 9), (2,)),
    ],
)  # fmt: skip
def test_sizes_are_inferred(text, shape, output):
    model = build(text, shape)
    assert model.shapes[-1] == output
    tokens = text.startswith("Embedding")
    x = torch.zeros(2, *shape, dtype=torch.long if tokens else torch.float)
    assert model.eval()(x).shape == (2, *output)


def test_layers_that_bring_their_sizes_need_no_input():
    assert build("nn.Linear(3, 4), ReLU()")(torch.zeros(2, 3)).shape == (2, 4)


def test_a_list_of_layers_is_a_specification_too():
    assert build(["Linear(8)", "ReLU()", "Linear(2)"], (4,)).spec == "Linear(8), ReLU()\nLinear(2)"


def test_a_family_is_known_in_capitals_too():
    assert build("MLP", (4,), 3).spec == build("mlp", (4,), 3).spec


def test_data_brings_its_shape_and_classes():
    x, y = torch.zeros(6, 4), torch.tensor([0, 1, 2] * 2)
    part = Split(x, y)
    data = Data("toy", part, part, part, "classification", (4,), ("a", "b", "c"))
    assert build("mlp", data).shapes[-1] == (3,)


@pytest.mark.parametrize(
    ("spec", "options", "told"),
    [
        ("Conv2D(3, 3)", {"input": (1, 8, 8)}, "Did you mean `Conv2d`?"),
        ("LazyLinear(3)", {"input": (4,)}, "write Linear"),
        ("Linear(10, bias=1)", {"input": (4,)}, "a flag"),
        ("Linear(1000000000000)", {"input": (4,)}, "GiB"),
        ("Linear(3, foo=2)", {"input": (4,)}, "out_features, bias"),
        ("Linear(3, device='cpu')", {"input": (4,)}, "device"),
        ("Linear(-3)", {"input": (4,)}, "line 1, column 1"),
        ("Dropout(2.0)", {"input": (4,)}, "between 0 and 1"),
        ("ReLU(), Conv2d(8, 9)", {"input": (1, 4, 4)}, "column 9: Conv2d(8, 9) does not accept (1, 4, 4)"),
        ("Sequential()", {"input": (4,)}, "the specification is empty"),
        ("CrossEntropyLoss()", {"input": (4,)}, "is a loss and no layer"),
        ("Linear(3)", {}, "give input="),
        ("Linear(3)", {"input": (4,), "classes": 10}, "end with Linear(10)"),
        ("Linear(3)", {"input": (4,), "width": 10}, "width belongs to a family"),
        ("mpl", {"input": (4,), "classes": 2}, "Did you mean `mlp`?"),
        ("ReLU", {"input": (4,)}, "ReLU()"),
        ("relu", {"input": (4,)}, "with parentheses: ReLU()"),
        ("mlp", {"classes": 2}, "input="),
        ("mlp", {"input": (4,)}, "classes="),
        ("mlp", {"input": (4,), "classes": 0}, "classes must be a whole number of at least 1"),
        ("mlp", {"input": (4,), "classes": "3"}, "classes must be a whole number"),
        ("Linear(3)", {"input": (4,), "classes": 2.5}, "classes must be a whole number"),
        ("mlp", {"input": (4,), "classes": 2, "width": "8"}, "width must be a whole number"),
        ("mlp", {"input": (4,), "classes": 2, "dropout": "half"}, "dropout must be"),
        ("cnn", {"input": (1, 28, 28), "classes": 2, "depth": 1.5}, "depth must be a whole number"),
        ("mlp", {"input": (4,), "classes": 2, "depth": 0}, "depth must be a whole number of at least 1"),
        ("mlp", {"input": (4,), "classes": 2, "dropout": 3.0}, "0 to 1"),
        ("cnn", {"input": (4,), "classes": 2}, "try mlp"),
        ("cnn", {"input": (1, 4, 4), "classes": 2}, "too small"),
        ("mlp", {"input": 3.5, "classes": 2}, "shape of one sample"),
        ("mlp", {"input": "what", "classes": 2}, "no data set, file or folder is called"),
        (42, {"input": (4,)}, "a text of layers"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(spec, options, told):
    with pytest.raises(NNArchError) as caught:
        build(spec, **options)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


PIECES = st.sampled_from(
    [
        "Linear(5)",
        "ReLU()",
        "Conv1d(4, 3)",
        "Flatten()",
        "MaxPool1d(2)",
        "BatchNorm1d()",
        "LSTM(3)",
        "Last()",
        "Tanh()",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=5), st.sampled_from([(6,), (3, 12), (2, 4, 8)]))
def test_the_inferred_shape_is_the_shape_that_runs(pieces, shape):
    try:
        model = build(pieces, shape)
    except NNArchError:
        return
    assert tuple(model(torch.zeros(2, *shape)).shape[1:]) == model.shapes[-1]


def test_a_network_is_called_what_it_was_named():
    assert "Mine" in build("mlp", (4,), 3, name="Mine")._repr_mimebundle_()["text/plain"]
    assert "MLP" in build("mlp", (4,), 3)._repr_mimebundle_()["text/plain"]


def test_a_built_network_shows_itself(golden):
    forms = build("cnn", (1, 28, 28), 10)._repr_mimebundle_()
    golden("network.txt", forms["text/plain"] + "\n")
    golden("network.html", forms["text/html"] + "\n")


def test_series_that_end_early_need_a_mask():
    data = nnarch_nb.data("vowels")
    with pytest.raises(NNArchError, match=r"end before their last step.*begin with Masking\(\)"):
        build("GRU(8), Last(), Linear(9)", data)
    for first in ("Masking()", "Concat([Masking()], [Masking()], dim=-1)"):
        model = build(f"{first}, GRU(8), Last(), Linear(9)", data)
        assert model(data.train.x[:4]).isfinite().all()


def test_classes_are_those_of_the_data():
    digits, same = nnarch_nb.data("digits"), nnarch_nb.data((torch.rand(50, 8),) * 2)
    with pytest.raises(NNArchError, match="classes=3 but digits asks for 10; leave it out"):
        build("cnn", digits, classes=3)
    with pytest.raises(NNArchError, match="is for reconstruction, which has no classes"):
        build("autoencoder", same, classes=3)
    assert build("cnn", digits, classes=12).shapes[-1] == (12,)


def test_data_by_name_says_what_the_network_is_for():
    named, given = nnarch_nb.build("mlp", "iris"), nnarch_nb.build("mlp", nnarch_nb.data("iris"))
    assert (named.spec, named.classes) == (given.spec, given.classes)
    with pytest.raises(NNArchError, match="Did you mean `iris`"):
        nnarch_nb.build("mlp", "irsi")


@pytest.mark.parametrize(
    "samples",
    [
        (torch.rand(6, 1, 8, 8), torch.arange(6)),
        (torch.rand(6, 1, 8, 8).numpy(), torch.arange(6).numpy()),
        {"x": torch.rand(6, 1, 8, 8), "y": torch.arange(6)},
    ],
)
def test_samples_with_targets_are_told_to_become_data(samples):
    with pytest.raises(NNArchError, match=r"become data first: data\(\(x, y\)\)"):
        build("cnn", samples)


def test_a_table_is_told_to_become_data():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(NNArchError, match=r"a table becomes data first: data\(df, target='…'\)"):
        build("mlp", pandas.DataFrame({"a": [1, 2], "y": [0, 1]}))


@pytest.mark.parametrize("spec", ["mlp", "resnet", "Linear(3)"])
def test_what_is_built_in_inference_mode_can_learn(spec, tmp_path):
    shape, x = ((1, 8, 8), torch.zeros(2, 1, 8, 8)) if spec == "resnet" else ((4,), torch.zeros(2, 4))
    with torch.inference_mode():
        model = build(spec, shape, 3)
        path = model.save(tmp_path / "m.safetensors")
        networks = [model, nnarch_nb.load(path), nnarch_nb.load_pretrained(build(spec, shape, 3), path)]
    for network in networks:
        network(x).sum().backward()
        assert all(parameter.grad is not None for parameter in network.parameters())


def test_a_name_is_a_text():
    with pytest.raises(NNArchError, match="a text, not 5"):
        build("Linear(3)", (4,), name=5)


def test_the_article_s_name_of_the_cnn_is_known():
    assert build("SimpleCNN", (1, 28, 28), 10).spec == build("cnn", (1, 28, 28), 10).spec
