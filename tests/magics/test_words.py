"""The annotation chooses how a word is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import torch

import nnarch_nb
from nnarch_nb.core.types import DataLike, Inputs, Network, Networks, OneOf, Source, Spec
from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.verbs import Verb, plain_form
from nnarch_nb.magics.words import convert

CHOICE = Annotated[str, OneOf(lambda: {"fgsm": 1, "pgd": 2})]


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (int, "3", 3),
        (int, "-3", -3),
        (int, "5e3", 5000),
        (int | None, "none", None),
        (float, "8/255", 8 / 255),
        (float, "1e-3", 1e-3),
        (float | None, "2", 2.0),
        (str, "any text", "any text"),
        (bool, "no", False),
        (Path, "a/b", Path("a/b")),
        (Literal["fast", 3], "3", 3),
        (float | Literal["auto"], "auto", "auto"),
        (float | Literal["auto"], ".5", 0.5),
        (CHOICE, "pgd", "pgd"),
        (list[str] | None, ["a,b", "c"], ["a", "b", "c"]),
        (list[int], ["[1, 2]"], [1, 2]),
        (Sequence[float], ["1/4"], [0.25]),
        (Annotated[list[str], OneOf(lambda: {"fgsm": 1})] | None, ["fgsm"], ["fgsm"]),
        (tuple[float, float], ["0,255"], (0.0, 255.0)),
        (tuple[float, ...], ["(.1, 8/255)"], (0.1, 8 / 255)),
        (float | tuple[float, ...], [".1"], 0.1),
        (float | tuple[float, ...], [".1,.2"], (0.1, 0.2)),
        (tuple[float, float] | None, ["none"], None),
        (Inputs, "1,28,28", (1, 28, 28)),
        (Inputs, "(1, 28, 28)", (1, 28, 28)),
        (Inputs, "3x32x32", (3, 32, 32)),
        (Inputs, "784", (784,)),
        (Source, "digits", "digits"),
        (Source, "folder/my file.csv", "folder/my file.csv"),
        (Spec, "Linear(3), ReLU()", "Linear(3), ReLU()"),
        (str | Callable[..., Any], "step", "step"),  # a variable, but no function
    ],
)
def test_text(annotation, text, value, notebook):
    assert convert(annotation, text, "--x", notebook) == value


@pytest.mark.parametrize("annotation", [Network, Inputs, Any, Network | None, Mapping[str, Any], Spec])
def test_variables(annotation, notebook, model):
    assert convert(annotation, "model", "--x", notebook) is model
    assert convert(annotation, "model.weight", "--x", notebook) is model.weight


def test_a_function_is_found_beside_text(notebook):
    assert convert(str | Callable[..., Any], "fn", "--x", notebook) is torch.sigmoid


def test_a_data_set_is_loaded_by_name(notebook):
    assert repr(convert(DataLike, "iris", "DATA", notebook)) == repr(nnarch_nb.data("iris"))


@pytest.mark.parametrize(
    ("annotation", "what"), [(DataLike, "data set"), (Source, "data set"), (Spec, "family")]
)
def test_the_variable_wins_and_says_so(annotation, what, said):
    notebook = Notebook({"iris": 1, "mlp": 1}, say=said.append)
    word = "mlp" if annotation is Spec else "iris"
    assert convert(annotation, word, "X", notebook) == 1
    assert said == [f'`{word}` is your variable (int), not the {what} of that name; write "{word}" for that']


@pytest.mark.parametrize(("annotation", "word"), [(Spec, "mlp"), (Source, "iris")])
def test_a_network_is_no_architecture_so_the_line_that_made_it_runs_again(annotation, word, model, said):
    assert convert(annotation, word, "X", Notebook({word: model}, say=said.append)) == word
    (note,) = said
    assert note.startswith(f"`{word}` is the ")
    assert note.endswith(", not your variable (Linear)")


@pytest.mark.parametrize("annotation", [Inputs, Inputs | None])
def test_what_a_network_is_for_may_be_a_data_set_by_name(annotation, notebook):
    assert repr(convert(annotation, "iris", "INPUT", notebook)) == repr(nnarch_nb.data("iris"))
    with pytest.raises(NNArchError, match=r"INPUT: there is no variable 'irs'.*Did you mean `iris`.*iris"):
        convert(annotation, "irs", "INPUT", notebook)


def test_in_quotes_the_name_wins(said):
    notebook = Notebook({"iris": 1}, frozenset(["iris"]), said.append)
    assert convert(Source, "iris", "X", notebook) == "iris"
    assert convert(Network, "iris", "X", notebook) == 1, "nothing but a variable can be a network"
    assert said == []


def test_the_data_set_of_that_name_needs_no_note(said):
    iris = nnarch_nb.data("iris")
    assert convert(DataLike, "iris", "DATA", Notebook({"iris": iris}, say=said.append)) is iris
    assert said == []


def test_a_path_beside_a_variable_is_a_path(notebook):
    variables = {"data": object()}
    assert convert(Source, "data.csv", "SOURCE", Notebook(variables)) == "data.csv"


@pytest.mark.parametrize(
    ("annotation", "given", "message"),
    [
        (int, "one", "--x expects a whole number but got 'one'."),
        (int, "1.5", "--x expects a whole number but got '1.5'."),
        (int, "9" * 5000, "--x expects a whole number but got '999"),
        (int, "", "--x expects a whole number but got ''."),
        (float, "1/0", "--x expects a number such as 0.1 or 8/255 but got '1/0'."),
        (float, "nan", "--x expects a number"),
        (float, "step", "--x expects a number .* '\\$step' .* stands for the value of your variable"),
        (bool, "maybe", "--x expects yes or no but got 'maybe'."),
        (CHOICE, "pdg", "--x expects one of fgsm, pgd but got 'pdg'. Did you mean `pgd`?"),
        (list[CHOICE], ["fgsm,pdg"], "one of fgsm, pgd but got 'pdg'. Did you mean `pgd`?"),
        (Literal["fast", 3], "fats", "--x expects one of fast, 3 but got 'fats'. Did you mean `fast`?"),
        (list[int], ["1,,2"], "--x: a value is missing in '1,,2'; write a,b"),
        (tuple[float, float], ["1"], "--x takes 2 values written a,b but got 1"),
        (Network, "modle", "--x: there is no variable 'modle' .* Did you mean `model`? Make one with"),
        (Network, "1", "--x: there is no variable '1' in this notebook."),
        (Network, "model.wieght", "--x: your variable `model` has no 'wieght'. Did you mean `model.weight`?"),
        (Network, "model.__class__", "--x: your variable `model` has no '__class__'."),
        (Network, "model..", "--x: your variable `model` has no '.'"),
        (Networks, "model,model", "--x: model is named twice; name each network once"),
        (Inputs, "(1,28", "--x: there is no variable '(1,28'"),
        (Inputs, "1,28,x", "--x: there is no variable"),
        (
            DataLike,
            "irsi",
            "--x: there is no variable 'irsi' .* Did you mean `iris`? Make one with %nnarch data",
        ),
        (Source, "irsi", "--x: there is no variable 'irsi' .* Did you mean `iris`?"),
        (DataLike, "no/such.csv", "no/such.csv"),
        (Source, "model.wieght", "--x: your variable `model` has no 'wieght'. Did you mean `model.weight`?"),
        (Source, "cifar10", "--x: there is no variable 'cifar10' .* Known data sets: digits, mnist-5k"),
        (DataLike, "x" * 100_000, "--x: there is no variable"),
    ],
)
def test_mistakes_are_one_line(annotation, given, message, notebook):
    with pytest.raises(NNArchError) as caught:
        convert(annotation, given, "--x", notebook)
    for part in message.replace("'\\$step'", "$step").split(" .* "):
        assert part in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_failing_property_is_told():
    class Odd:
        @property
        def model(self) -> None:
            raise RuntimeError("no luck")

    with pytest.raises(NNArchError, match=r"reading odd.model failed: RuntimeError: no luck"):
        convert(Network, "odd.model", "MODEL", Notebook({"odd": Odd()}))


def test_a_bug_while_loading_is_no_mistake_of_the_user(notebook, monkeypatch):
    def buggy(source: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(nnarch_nb, "data", buggy)
    with pytest.raises(ValueError, match="a bug"):
        convert(DataLike, "iris", "DATA", notebook)


def test_a_switch_may_be_left_as_it_is():
    assert plain_form(bool | None) is plain_form(bool) is bool
    assert plain_form(bool | int) is str


def test_build_has_a_switch_for_what_a_family_decides_itself():
    residual = Verb("build", "nnarch_nb.verbs.build:build").parameters["residual"]
    assert residual.switch
    assert residual.options == ("--residual", "--no-residual")
    assert residual.default is None
