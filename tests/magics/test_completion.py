"""Tab, as IPython asks for it."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
import torch
from IPython.core.completer import provisionalcompleter
from torch.utils.data import DataLoader, TensorDataset

import nnarch_nb
from nnarch_nb.magics.completion import complete
from nnarch_nb.magics.notebook import Notebook


def offered(shell, cell):
    with provisionalcompleter():
        return {found.text for found in shell.Completer.completions(cell, len(cell))}


@pytest.fixture
def tab(toys, model):
    """Return what Tab offers at the end of a cell."""
    toys.push({"model": model, "mode": 3, "tensor": torch.zeros(2), "size": (1, 28, 28), "fn": torch.sigmoid})
    return lambda cell: offered(toys, cell)


VERBS = {"paint", "load", "learn", "make", "broken", "stopped", "told"}


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("%nnarch ", VERBS | {"help"}),
        ("%nnarch pa", {"paint"}),
        ("%%nnarch ma", {"make"}),
        ("x = %nnarch l", {"load", "learn"}),
        ("x, y = %nnarch pa", {"paint"}),
        ("import this\n    %nnarch pa", {"paint"}),
        ("%nnarch help le", {"learn"}),
        ("%nnarch paint mo", {"model"}),
        ("%nnarch paint --model mo", {"model"}),
        ("%nnarch paint --model=mo", {"model"}),
        ("%nnarch paint model s", {"size"}),
        ("%nnarch paint model --in", {"--inputs"}),
        ("%nnarch paint model --no-", {"--no-quick"}),
        ("%nnarch paint model --colour ", {"red", "green"}),
        ("%nnarch paint model --colour=g", {"green"}),
        ("%nnarch paint model --colours red,g", {"green"}),
        ("%nnarch paint model --mode f", {"fast"}),
        ("%nnarch paint model --lr a", {"auto"}),
        ("%nnarch paint model --loss f", {"fn"}),
        ("%nnarch paint model --depth 3 --dep", set()),
        ("%nnarch paint model --quick --co", {"--colour", "--colours"}),
        ("%nnarch load mni", {"mnist", "mnist-5k"}),
        ("%nnarch learn model ir", {"iris"}),
        ("%nnarch make cn", {"cnn"}),
        ("%nnarch paint model -", None),
    ],
)
def test_offers(cell, found, tab):
    if found is None:
        assert {"--depth", "--colour", "-o", "--help"} <= tab(cell)
    elif found:
        assert tab(cell) == found
    else:
        assert not any(text.startswith("--") for text in tab(cell))


def test_an_empty_word_offers_networks_and_options(tab):
    found = tab("%nnarch paint ")
    assert {"model", "--depth", "-o"} <= found
    assert "tensor" not in found


@pytest.mark.parametrize(
    "typed",
    ["nosuch ", "paint 'open", "paint model -o ", "paint model -o na", "paint model # mo", "paint a b c d e"],
)
def test_nothing_to_offer(typed, verbs):
    assert complete(typed, verbs, Notebook({"name": 1, "d": 2}))[1] == []


def test_other_lines_are_ipythons_own(toys):
    toys.push({"painting": 1})
    assert "painting" in offered(toys, "paint")
    for line in (
        "%timeit pa",
        "nnarch pa",
        "'%nnarch' pa",
        "print(%nnarch pa",
        "%nnarchy pa",
        "x == %nnarch pa",
    ):
        assert "paint" not in offered(toys, line), line


def test_the_old_interface_completes_too(toys):
    line = "%nnarch pa"
    with pytest.warns(PendingDeprecationWarning):
        assert toys.complete(None, line=line, cursor_pos=len(line))[1] == ["paint"]


def test_networks_only_live_where_torch_does(verbs, model, monkeypatch):
    notebook = Notebook({"model": model})
    monkeypatch.delitem(sys.modules, "torch")
    assert complete("paint mo", verbs, notebook)[1] == []


@pytest.mark.parametrize(
    ("value", "verb"),
    [
        (TensorDataset(torch.zeros(2)), "learn model "),
        (DataLoader(TensorDataset(torch.zeros(2))), "learn model "),
        ((torch.zeros(2), torch.zeros(2)), "learn model "),
        ({"x": torch.zeros(2)}, "paint model "),
        (torch.Size([1, 2]), "paint model "),
        ("Linear(3)", "make "),
        (["Linear(3)"], "make "),
        (np.zeros(2), "learn model "),
        (pd.DataFrame({"a": [1]}), "load "),
        ((np.zeros(2), np.zeros(2)), "load "),
        ({"train": pd.DataFrame({"a": [1]})}, "load "),
    ],
)
def test_what_fits_is_offered(value, verb, verbs):
    assert complete(f"{verb}mi", verbs, Notebook({"mine": value, "mix": object()}))[1] == ["mine"]


@pytest.mark.parametrize("value", [np.zeros(2), pd.DataFrame({"a": [1]}), (np.zeros(2),), {"x": np.zeros(2)}])
def test_what_no_network_takes_is_not_offered(value, verbs):
    assert complete("paint model mi", verbs, Notebook({"mine": value}))[1] == []


@pytest.mark.parametrize("name", nnarch_nb.VERBS)
def test_every_verb_offers_its_options(name, shell):
    found = offered(shell, f"%nnarch {name} --")
    assert "--help" in found
    assert all(text.startswith("--") for text in found)


@pytest.mark.parametrize("cell", ["mlp,", "mlp, ", "mlp,c", "mlp, c", "vit, mlp, "])
def test_a_list_of_networks_goes_on_behind_a_comma(cell, shell):
    shell.push({"mlp": torch.nn.Linear(2, 2), "cnn": torch.nn.Linear(2, 2), "x": torch.zeros(2)})
    shell.push({"vit": torch.nn.Linear(2, 2)})
    found = offered(shell, f"%nnarch compare {cell}")
    assert found - {"vit"} == {"cnn"}
    assert ("vit" in found) == (cell in ("mlp,", "mlp, "))


def test_behind_the_list_come_the_inputs(shell):
    shell.push({"mlp": torch.nn.Linear(2, 2), "cnn": torch.nn.Linear(2, 2), "x": torch.zeros(2)})
    assert {"x", "--grow"} <= offered(shell, "%nnarch compare mlp, cnn ")


def test_only_what_stands_before_the_cursor_is_replaced(verbs):
    line = "load 1, model"
    assert line.endswith(complete(line, verbs, Notebook({"model": 1}))[0])
