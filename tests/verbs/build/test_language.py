"""The layer language: what can be said, and how it is laid out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer, read, write

from .specs import of

CONV, RELU = of("Conv2d", 8, 3), of("ReLU")


def branch(*layers, label=""):
    return Layer("Branch", paths=(layers,), label=label)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_layers_or_a_one_line_error(text):
    try:
        layers, told = read(text), ""
    except NNArchError as error:
        layers, told = (), str(error)
    assert bool(layers) != bool(told)
    assert "\n" not in told


def test_lines_commas_brackets_and_indentation_do_not_matter():
    expected = read("Conv2d(32, 3), ReLU(), Flatten()")
    for text in (
        "Conv2d(32, 3)\nReLU()\nFlatten()",
        "  Conv2d(32, 3),\n      ReLU()\n  Flatten()",
        "\tConv2d(32,\xa03); ReLU()\r\n Flatten()",
        "[Conv2d(32, 3), [ReLU(), Flatten()]]",
        "\n\nConv2d(32,\n   3), ReLU()  # a comment\n\nFlatten(),\n",
        ["Conv2d(32, 3)", "ReLU(), Flatten()"],
        [Layer("Conv2d", (32, 3)), "ReLU()", Layer("Flatten")],
    ):
        assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Residual(Conv2d(8, 3), ReLU())", Layer("Residual", paths=((CONV, RELU),))),
        ("Residual([Conv2d(8, 3), ReLU()])", Layer("Residual", paths=((CONV, RELU),))),
        ("Residual(ReLU(), shortcut=[Conv2d(8, 3)])", Layer("Residual", paths=((RELU,), (CONV,)))),
        ("Residual(ReLU(), shortcut=Conv2d(8, 3))", Layer("Residual", paths=((RELU,), (CONV,)))),
        ("Residual(ReLU(), shortcut=[])", Layer("Residual", paths=((RELU,), ()))),
        ("Repeat(3, Conv2d(8, 3), ReLU())", Layer("Repeat", (3,), paths=((CONV, RELU),))),
        ("Add(ReLU(), [])", Layer("Add", paths=((RELU,), ()))),
        ("Add([Conv2d(8, 3), ReLU()], ReLU())", Layer("Add", paths=((CONV, RELU), (RELU,)))),
        ("Add(Branch(Conv2d(8, 3), ReLU()), ReLU())", Layer("Add", paths=((CONV, RELU), (RELU,)))),
        ("Add([Branch(ReLU())], ReLU())", Layer("Add", paths=((branch(RELU),), (RELU,)))),
        ("Concat(ReLU(), ReLU())", Layer("Concat", paths=((RELU,), (RELU,)))),
        ("Concat(ReLU(), ReLU(), dim=-1)", Layer("Concat", (), (("dim", -1),), paths=((RELU,), (RELU,)))),
        ("Branch(Conv2d(8, 3), ReLU())", branch(CONV, RELU)),
        ("block = [Conv2d(8, 3), ReLU()]\nblock", branch(CONV, RELU, label="block")),
        ("block = Conv2d(8, 3), ReLU()\nblock()", branch(CONV, RELU, label="block")),
        ("skip = []\nAdd(skip, ReLU())", Layer("Add", paths=((branch(label="skip"),), (RELU,)))),
        ("a = ReLU()\nb = [a, a]\nb", branch(*[branch(RELU, label="a")] * 2, label="b")),
    ],
)
def test_what_runs_other_layers_holds_their_paths(text, tree):
    assert read(text) == (tree,)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("width = 64\nLinear(width * 2 + 1)", 129),
        ("width = 64; half = width // 2\nLinear(half)", 32),
        ("n = 3\nLinear(2 ** n - 1)", 7),
        ("Linear(-(-5))", 5),
        ("Linear(+5)", 5),
        ("p = 0.5\nLinear(p * 0.5)", 0.25),
        ("k = 3\nLinear((k, [k, 1]))", (3, (3, 1))),
        ("a = 2\nb = a\nLinear(b)", 2),
        ("größe = 8\nLinear(größe)", 8),
        ("Linear(0x10)", 16),
        ("Linear(10**18)", 10**18),
        ("Linear('same')", "same"),
        ("Linear(None)", None),
    ],
)
def test_parameters_and_arithmetic_become_numbers(text, value):
    assert read(text)[0].args == (value,)
    assert read(write(read(text))) == read(text)


def test_a_layer_knows_its_place_and_a_part_where_it_was_defined():
    layers = read("\n block = [ReLU()]\n\tConv2d(1, 'é'), Tanh()\nblock")
    assert [layer.where for layer in layers] == [(3, 2), (3, 18), (2, 10)]
    assert layers[2].paths[0][0].where == (2, 11)


def test_equal_definitions_are_one_and_layers_of_a_list_bring_their_parts():
    block = read("block = [ReLU()]\nblock")[0]
    assert read([block, "Tanh()", block]) == (block, of("Tanh"), block)


def test_a_text_is_laid_out_by_thoughts_with_parts_above():
    text = """\
down = [
    Conv2d(128, 3, stride=2, padding=1, bias=False), BatchNorm2d(), ReLU(),
    Conv2d(128, 3, padding=1, bias=False), BatchNorm2d(),
]
mix = [LayerNorm(), Linear(64), GELU(), Dropout(0.1)]

nn.Conv2d(3, 64, 7, stride=2), BatchNorm2d(), ReLU(), MaxPool2d(2)
Residual(down, shortcut=[Conv2d(128, 1, stride=2, bias=False), BatchNorm2d()]), ReLU()
Concat(
    [Conv2d(32, 3, padding=1), ReLU()],
    [MaxPool2d(3, stride=1, padding=1), Conv2d(32, 1)],
    [],
    dim=1,
)
Repeat(12,
    Residual(
        Conv2d(96, 3, padding=1, bias=False), BatchNorm2d(), ReLU(),
        Conv2d(96, 3, padding=1, bias=False), BatchNorm2d(),
        shortcut=[
            Conv2d(96, 1, bias=False, padding_mode='zeros'), BatchNorm2d(momentum=0.01),
            Dropout2d(0.1),
        ],
    ), ReLU(),
    Residual(mix),
)
AdaptiveAvgPool2d(1), Flatten(), Linear(10)"""
    assert write(read(text)) == text


def test_a_long_layer_is_cut_in_messages_and_whole_in_texts():
    layer = read(f"Add([{', '.join(['Conv2d(8, 3)'] * 90)}], ReLU())")[0]
    assert len(str(layer)) <= 200
    assert read(write((layer,))) == (layer,)


LISTED = "nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)"


@pytest.mark.parametrize(
    "pasted",
    [
        f"nn.Sequential({LISTED},)",
        f"torch.nn.Sequential({LISTED.replace('nn.', 'torch.nn.')})",
        f"import torch\nfrom torch import nn\nimport torch.nn as nn\n\nmodel = nn.Sequential({LISTED})",
        f"model = nn.Sequential({LISTED})\nnn.Sequential(nn.Sequential({LISTED}))",
        LISTED.replace(", nn.Lin", ",\r\n\tnn.Lin"),
        "\ufeff" + LISTED.replace(" ", "\u2009").replace(",\u2009nn", ",\u200b\u00a0nn"),
        LISTED.replace(",", "\uff0c").replace("(", "\uff08").replace(")", "\uff09"),
        LISTED.replace("nn.ReLU(), ", "nn.ReLU(),\u2028"),
    ],
)
def test_what_is_pasted_is_read_as_the_layers_it_lists(pasted):
    assert read(pasted) == read(LISTED)


def test_signs_of_word_processors_are_plain_ones():
    assert read("Conv2d(2 \u00d7 4, 3, padding=\u201csame\u201d), Flatten(\u22121)") == read(
        "Conv2d(2 * 4, 3, padding='same'), Flatten(-1)"
    )


def test_a_sequential_on_a_path_is_one_path():
    assert read("Add(nn.Sequential(ReLU(), ReLU()), [])") == read("Add([ReLU(), ReLU()], [])")
