"""Several networks on a line: ``%nnarch compare mlp,cnn 1,28,28``."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.completion import complete
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.verbs import Verb


@pytest.fixture
def verb() -> Verb:
    return Verb("compare", "nnarch_nb.verbs.compare:compare")


@pytest.fixture
def variables() -> dict[str, object]:
    mlp, cnn = nn.Linear(4, 2), nn.Sequential(nn.Linear(4, 3))
    return {"mlp": mlp, "cnn": cnn, "both": [mlp, cnn], "by_name": {"a": mlp}, "mine": 3, "sizes": [1, 2]}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("mlp,cnn", ["mlp", "cnn"]),
        ("mlp, cnn", ["mlp", "cnn"]),
        ("(mlp, cnn)", ["mlp", "cnn"]),
        ("mlp", ["mlp"]),
        ("both", ["Linear", "Sequential"]),
        ("by_name", ["a"]),
        ("both.0", None),
        ("--models cnn,mlp", ["cnn", "mlp"]),
    ],
)
def test_networks_are_named_as_their_variables(shell, variables, typed, names):
    shell.push(variables)
    words = f"compare {typed} 4" if not typed.startswith("--") else f"compare {typed} --inputs 4"
    if names is None:
        with pytest.raises(NNArchError, match="has no '0'"):
            shell.find_line_magic("nnarch")(f"{words} --repeats 0")
        return
    result = shell.find_line_magic("nnarch")(f"{words} --repeats 0 --grow none")
    assert [row.name for row in result.rows] == names


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("mlpp,cnn", "there is no variable 'mlpp' in this notebook. Did you mean `mlp`?"),
        ("mlp,cn", "Did you mean `cnn`?"),
        ("bot", "Did you mean `both`?"),
        ("mlp,", "needs INPUTS"),
        ("mlp,,cnn", "a value is missing"),
        ("mlp,mine", "expected a torch.nn.Module but got 3"),
    ],
)
def test_mistakes_are_told(shell, variables, typed, message):
    shell.push(variables)
    with pytest.raises(NNArchError) as told:
        shell.find_line_magic("nnarch")(f"compare {typed} 4")
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("compare ", ["mlp", "cnn", "both", "by_name"]),
        ("compare b", ["both", "by_name"]),
        ("compare mlp,", ["cnn"]),
        ("compare mlp,c", ["cnn"]),
        ("compare --models=mlp,", ["cnn"]),
        ("compare mlp,cnn si", ["sizes"]),
        ("compare mlp,cnn sizes --grow s", ["side"]),
    ],
)
def test_tab_offers_the_next(verb, variables, typed, offered):
    _, found = complete(typed, {"compare": verb}, Notebook(variables))
    assert [name for name in found if not name.startswith("-")] == offered


def test_tab_completes_the_part_behind_the_comma(shell, variables):
    shell.push(variables)
    text = "%nnarch compare mlp,c"
    with provisionalcompleter():
        (found,) = shell.Completer.completions(text, len(text))
    assert text[: found.start] + found.text == "%nnarch compare mlp,cnn"
