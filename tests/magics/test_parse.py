"""Words bound to parameters, and every way to get it wrong told in one line."""

from __future__ import annotations

import pytest

from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.line import read
from nnarch_nb.magics.parse import arguments, usage


@pytest.fixture
def parsed(verbs, notebook):
    def parsed(line, cell=None):
        verb, *words = read(line).words
        return arguments(verbs[verb], words, cell, notebook)

    return parsed


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("paint model", {}),
        ("paint model 1,28,28", {"inputs": (1, 28, 28)}),
        ("paint model --inputs 1,28,28", {"inputs": (1, 28, 28)}),
        ("paint --depth 2 model 4", {"inputs": (4,), "depth": 2}),
        ("paint model --lr=-1", {"lr": -1.0}),
        ("paint model --lr -1e-3", {"lr": -1e-3}),
        ("paint model --eps 8/255,.1 --bounds 0,255", {"eps": (8 / 255, 0.1), "bounds": (0.0, 255.0)}),
        ("paint model --names a --names b,c", {"names": ["a", "b", "c"]}),
        ("paint model --quick", {"quick": True}),
        ("paint model --no-quick", {"quick": False}),
        ("paint model --quick=no", {"quick": False}),
        ("paint model --quick no 4", {"quick": False, "inputs": (4,)}),
        ("paint model --no-quick Yes", {"quick": False}),
        ("paint model --batch-size 2", {"batch_size": 2}),
        ("paint model --batch_size 2", {"batch_size": 2}),
        ("paint model --colours red,green", {"colours": ["red", "green"]}),
        ("paint model --mode 3", {"mode": 3}),
    ],
)
def test_lines(line, given, parsed, model):
    assert parsed(line) == {"model": model, **given}


def test_objects_by_name(parsed, model, notebook):
    assert parsed("paint --model model --inputs x --loss fn") == {
        "model": model,
        "inputs": notebook.variables["x"],
        "loss": notebook.variables["fn"],
    }


def test_a_cell_is_the_architecture(parsed):
    assert parsed("make 1,28,28 --classes 3", "\nLinear(3)\n") == {
        "spec": "\nLinear(3)",
        "input": (1, 28, 28),
        "classes": 3,
    }


def test_layers_with_spaces_need_no_quotes(parsed):
    assert parsed("make Linear(8), ReLU() --input 1, 4") == {"spec": "Linear(8), ReLU()", "input": (1, 4)}


def test_a_cell_is_never_a_variable(parsed):
    assert parsed("make", "model") == {"spec": "model"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("paint", "paint needs MODEL: write %nnarch paint MODEL [INPUTS] [KWARGS]; %nnarch paint --help"),
        ("paint model --dept 3", "paint has no option --dept. Did you mean `--depth`?"),
        ("paint model -depth 3", "paint has no option -depth. Did you mean `--depth`?"),
        ("paint model --no-quik", "paint has no option --no-quik. Did you mean `--no-quick`?"),
        ("paint model --zzz=3", "paint has no option --zzz. %nnarch paint --help lists them."),
        ("paint model --depth.x 3", "paint has no option --depth.x. Did you mean `--depth`?"),
        ("paint model --depth", "paint: --depth needs a value; one that begins with a dash is --depth=-1"),
        ("paint model --depth --quick", "paint: --depth needs a value"),
        (
            "paint model --lr -8/255",
            "paint: --lr needs a value; one that begins with a dash is written --lr=-1",
        ),
        ("paint model --depth 1 --depth 2", "paint: --depth is given twice; give it once"),
        ("paint model 1 x more words", "paint: 'more' is one word too many in %nnarch paint MODEL [INPUTS]"),
        ("paint 1,28,28 --model model", "paint: after words given by name, write --inputs 1,28,28"),
        ("paint model --quick=maybe", "paint: --quick is a switch and takes yes or no but got 'maybe'"),
        ("paint model --o zz", "paint has no option --o. Did you mean `-o`?"),
        ("paint model --depth two", "--depth expects a whole number but got 'two'."),
        ("paint __complete", "paint: '__complete' cannot be used here"),
        ("paint model -1,28", "paint has no option -1,28."),
        ("paint '' ", "MODEL: there is no variable '' in this notebook."),
    ],
)
def test_mistakes_are_one_line(line, message, parsed):
    with pytest.raises(NNArchError) as caught:
        parsed(line)
    assert str(caught.value).startswith(message) or "is --depth=-1" in message


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("make", " \n ", "the cell is empty; write the spec below %%nnarch make"),
        ("make --spec mlp", "cnn", "make: the cell holds the spec; remove --spec above it"),
        ("paint model", "cnn", "paint takes no cell; write it on one line, %nnarch paint"),
        ("make 1 2", "cnn", "make: '2' is one word too many"),
    ],
)
def test_cells_that_cannot_be(line, cell, message, parsed):
    with pytest.raises(NNArchError) as caught:
        parsed(line, cell)
    assert str(caught.value).startswith(message)


def test_the_usage_is_the_signature(verbs):
    assert usage(verbs["paint"]) == "%nnarch paint MODEL [INPUTS] [KWARGS]"
