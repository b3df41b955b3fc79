"""The layer language: reading, writing, refusing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer, read, write

LITERALS = st.recursive(
    st.integers(-(10**6), 10**6) | st.booleans() | st.none() | st.floats(-1e6, 1e6) | st.text(max_size=8),
    lambda inner: st.tuples(inner, inner),
    max_leaves=3,
)
NAMES = st.sampled_from(["Conv2d", "Linear", "ReLU", "MaxPool2d", "Anything"])
ARGUMENTS = st.dictionaries(st.sampled_from(["bias", "stride", "p"]), LITERALS, max_size=2)
LAYERS = st.builds(
    Layer,
    NAMES,
    st.lists(LITERALS, max_size=3).map(tuple),
    ARGUMENTS.map(lambda given: tuple(given.items())),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LAYERS, min_size=1, max_size=6).map(tuple))
def test_what_is_written_reads_back_the_same(layers):
    assert read(write(layers)) == layers


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
        "[Conv2d(32, 3), ReLU(), Flatten()]",
        "\n\nConv2d(32,\n   3), ReLU()  # a comment\n\nFlatten(),\n",
    ):
        assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("# only a comment", "empty"),
        ("Linear(10", "line 1"),
        ("ReLU()\nLinear(x)", "line 2, column 8: x is not defined"),
        ("Linear(2**70)", "too large"),
        (f"Linear(0x{'f' * 5000})", "is too large"),
        ("nn.Sequential(nn.Conv2d(1, 8, 3))", "list the layers without Sequential( )"),
        ("nn.Sequential(OrderedDict([('conv', nn.Conv2d(1, 8, 3))]))", "without Sequential( )"),
        ("__import__('os').system('true')", "not a layer's name"),
        ("lambda: 0", "is a function"),
        ("Linear(**{'a': 1})", "** argument"),
        ("x = 3", "empty"),
        ("Linear(3)\0", "line 1"),
        ("[" * 5000, "nested"),
        ("-" * 50_000 + "1", "write layers like"),
        ("ReLU()," * 50_000, "at most"),
    ],
)
def test_what_is_no_list_of_layers_is_refused(text, told):
    with pytest.raises(NNArchError) as caught:
        read(text)
    assert told in str(caught.value)
