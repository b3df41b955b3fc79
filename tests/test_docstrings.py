"""Docstrings are the help: each verb's is whole, true to its signature, and its examples run."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from importlib import import_module
from types import ModuleType

import pytest
from docstring_parser import DocstringStyle, parse

import nnarch_nb

SKIPPED = ("nnarch_nb.__main__",)
MODULES = [
    module.name
    for module in pkgutil.walk_packages(nnarch_nb.__path__, "nnarch_nb.")
    if module.name not in SKIPPED
]
HEADING = "\n{0}\n{1}\n"


@pytest.fixture(params=nnarch_nb.VERBS)
def verb(request: pytest.FixtureRequest):
    return getattr(nnarch_nb, request.param)


def test_the_summary_is_one_line(verb):
    summary = inspect.getdoc(verb).splitlines()
    assert summary[0].endswith(".")
    assert len(summary[0]) <= 80, "help shows the verbs with a line each"
    assert summary[1] == ""


@pytest.mark.parametrize("section", ["Parameters", "Returns", "Raises", "Examples"])
def test_the_sections_are_there(verb, section):
    assert HEADING.format(section, "-" * len(section)) in inspect.getdoc(verb)


def test_each_parameter_is_described_in_order(verb):
    described = [
        name.strip().lstrip("*")
        for entry in parse(inspect.getdoc(verb), DocstringStyle.NUMPYDOC).params
        if entry.args[0] == "param"
        for name in entry.arg_name.split(",")
    ]
    assert described == list(inspect.signature(verb).parameters)


def test_each_description_says_something(verb):
    parsed = parse(inspect.getdoc(verb), DocstringStyle.NUMPYDOC)
    assert all(entry.description for entry in [*parsed.params, *parsed.raises])


def test_each_option_comes_by_keyword(verb):
    """A person reads ``summary(model, (1, 28, 28), depth=2)``: only a few come by position."""
    kinds = [parameter.kind for parameter in inspect.signature(verb).parameters.values()]
    assert kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD) <= 3


def test_each_signature_is_typed(verb):
    signature = inspect.signature(verb)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not p.empty for p in signature.parameters.values())


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder(exclude_empty=True).find(module) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_why_it_exists_and_its_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # an example may write a file
    module = import_module(name)
    assert (module.__doc__ or "").strip(), "no module docstring"
    for test in examples(module):
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        failed, _ = runner.run(test, out=said.append)
        assert not failed, "".join(said)


def test_every_verb_has_examples_that_run(verb):
    assert any(test.name.endswith(f".{verb.__name__}") for test in examples(inspect.getmodule(verb)))
