"""Any text on a ``%nnarch`` line gives a result or a one-line error, and leaves no file behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

import nnarch_nb
from nnarch_nb.core.result import Result
from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.completion import complete
from nnarch_nb.magics.notebook import Notebook
from nnarch_nb.magics.verbs import verbs_of

VERBS = verbs_of(nnarch_nb.VERBS)
OPTIONS = [option for verb in VERBS.values() for p in verb.parameters.values() for option in p.options]
HARD = [
    "",
    "'",
    '"',
    "\0",
    "\ud800",
    "-",
    "--",
    "---",
    "=",
    ";",
    "#",
    "(",
    ")",
    "[",
    "1,",
    ",",
    "\\",
    "\n",
    "é",
]
WORDS = [
    *("model", "data", "shape", "text", "broken", "nothing", "model.0", "model.weight.", "data.train.x", "_"),
    *(
        "1,28,28",
        "(4)",
        "4",
        "-1",
        "0",
        "1e999",
        "nan",
        "8/255",
        "1/0",
        "9" * 5000,
        "none",
        "x.csv",
        "/",
        "~",
    ),
    *(
        "iris",
        "mlp",
        "Linear(3)",
        "Linear(",
        "-o",
        "-o out",
        "--help",
        "help",
        "a,b",
        ",,",
        "auto",
        "cpu",
        "tpu",
    ),
]

SENSIBLE = {
    "model": ["model", "model.0", "broken"],
    "models": ["model", "model,broken", "model, model.0", "broken"],
    "inputs": ["4", "(4)", "data", "data.train.x", "1,28,28"],
    "data": ["data", "iris"],
    "path": ["x.csv", "x.safetensors", "text", "."],
    "prompt": ["text", "3,4", "'a b'", "data.train.x"],
    "source": ["iris", "data", "wine", "text"],
    "spec": ["mlp", "cnn", "text", "'Linear(3), ReLU()'", "'nn.Conv2d(1, 2, 3)'"],
}
VALUES = [
    "0",
    "1",
    "2",
    "-1",
    "0.5",
    "1e999",
    "3,4",
    "(4)",
    "none",
    "data",
    "text",
    "model",
    "cpu",
    "tpu",
    "meta",
    "é",
]


def misspelled(word: str) -> st.SearchStrategy[str]:
    """Return words one slip of the finger away."""
    at = st.integers(0, len(word))
    return st.builds(lambda i, c: word[:i] + c + word[i + 1 :], at, st.sampled_from(["", "x", "-", "é", "'"]))


words = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(OPTIONS),
    st.sampled_from(HARD),
    st.sampled_from([*VERBS, *OPTIONS, *WORDS]).flatmap(misspelled),
    st.text(max_size=20),
    st.builds("{}={}".format, st.sampled_from(OPTIONS), st.sampled_from(WORDS) | st.text(max_size=8)),
    st.text(max_size=8).map(lambda text: f"'{text}'"),
    st.builds(lambda text, n: text * n, st.text(min_size=1, max_size=4), st.sampled_from([10, 5_000])),
)
openings = st.sampled_from([*VERBS, *(f"{verb} model" for verb in VERBS), ""]) | words
lines = st.builds(lambda first, rest: " ".join([first, *rest]), openings, st.lists(words, max_size=5))


def mostly(sensible: list[str]) -> st.SearchStrategy[str]:
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from(sensible) if n else words)


@st.composite
def plausible(draw: st.DrawFn) -> str:
    """A verb with a word for each parameter it needs and some that it takes, most of them sensible."""
    verb = draw(st.sampled_from(list(VERBS.values())))
    typed = [verb.name]
    for parameter in verb.parameters.values():
        if parameter.required:
            typed.append(draw(mostly(SENSIBLE[parameter.name])))
        elif draw(st.integers(0, 4)) == 0:
            option = draw(st.sampled_from(parameter.options))
            typed.append(option if parameter.switch else f"{option}={draw(mostly(VALUES))}")
    return " ".join(typed)


anything = lines | st.text(max_size=60)


class Broken(nn.Module):
    def forward(self, x: object) -> object:
        raise ValueError("never works")


Ask = Callable[..., Any]


@pytest.fixture
def ask(shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask in a notebook with something in it, in an empty folder that stays empty; return what comes."""
    monkeypatch.chdir(tmp_path)
    iris = nnarch_nb.data("iris", limit=60)

    def ask(line: str, cell: str | None = None) -> Any:
        model = nn.Sequential(nn.Linear(4, 3))
        shell.push({"model": model, "data": iris, "text": "mlp", "broken": Broken(), "shape": (4,)})
        try:
            # The function itself: before it, IPython expands `{}` and `$`, by evaluating them.
            return shell.find_line_magic("nnarch")(line, cell)
        except NNArchError as error:
            return error
        finally:
            assert {path.name for path in tmp_path.iterdir()} <= {"runs"}

    return ask


def is_one_line(error: NNArchError) -> bool:
    shown, *place = error._render_traceback_()
    short = "\n" not in shown and len(shown) < 1500
    return short and len(place) <= 1 and all(len(lines.splitlines()) == 2 for lines in place)


fuzzed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_answer(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert not isinstance(answer, NNArchError) or is_one_line(answer)
    assert not isinstance(answer, Result) or answer._repr_mimebundle_()["text/plain"]
    assert capsys.readouterr().err == ""


@settings(fuzzed, max_examples=2500)
@given(line=anything)
def test_any_line_gives_a_result_or_one_line(line, ask, capsys):
    check_answer(ask(line), capsys)


@settings(fuzzed, max_examples=300)
@given(line=plausible())
def test_a_line_that_nearly_makes_sense_does_too(line, ask, capsys):
    check_answer(ask(line), capsys)


@settings(fuzzed, max_examples=400)
@given(line=anything, cell=st.text(max_size=60) | words)
def test_any_cell_does_too(line, cell, ask, capsys):
    check_answer(ask(f"build {line}", cell), capsys)


@settings(fuzzed, max_examples=1000)
@given(line=anything | plausible())
def test_tab_never_fails(line):
    notebook = Notebook({"model": nn.Linear(2, 2), "data": (1, 2), "odd": object()})
    fragment, offered = complete(line, VERBS, notebook)
    assert line.endswith(fragment)
    assert all(name.startswith(fragment) for name in offered)
