"""Help is the signature and the docstring, and nothing else."""

from __future__ import annotations

import pytest

import nnarch_nb
from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.help import help_on, overview
from nnarch_nb.magics.verbs import verbs_of


@pytest.fixture
def entries(verbs):
    return {entry.name: entry for entry in help_on("paint", verbs).entries}


def test_the_summary_usage_and_sections(verbs):
    shown = help_on("paint", verbs)
    assert shown.about == "Paint a network `<b>` in a colour."
    assert shown.usage == "%nnarch paint MODEL [INPUTS] [KWARGS] [options] [-o NAME]"
    assert shown.more == "The paint is wet at first."
    assert shown.examples == ">>> 1 + 1\n2"
    assert shown.trust == "After Itten, 1961."
    assert repr(shown) == "Help(%nnarch paint: Paint a network `<b>` in a colour.)"


def test_a_verb_that_takes_a_cell_says_so(verbs):
    assert help_on("make", verbs).usage.endswith("[-o NAME], or %%nnarch make with the SPEC in the cell")


@pytest.mark.parametrize(
    ("name", "value", "default", "about"),
    [
        ("MODEL", "network", "", "The network; it is not touched."),
        ("INPUTS", "inputs", "", "What it takes."),
        ("KWARGS", "variable", "", "What it takes."),
        ("--depth", "whole number", "3", "How deep, from 1."),
        ("--lr", "number or auto", "auto", ""),
        ("--eps", "number,…", "0.1", ""),
        ("--bounds", "number,number", "", ""),
        ("--names", "text,…", "", ""),
        ("--colour", "red | green", "red", "Of the paint."),
        ("--colours", "red | green,…", "", ""),
        ("--mode", "fast | exact | 3", "fast", ""),
        ("--loss", "text or function", "ce", ""),
        ("--[no-]quick", "", "no", ""),
        ("--batch-size", "whole number", "64", ""),
        ("-o", "name", "", "Store the result under this name."),
    ],
)
def test_each_parameter(name, value, default, about, entries):
    entry = entries[name]
    assert (entry.value, entry.default, entry.about) == (value, default, about)


def test_the_overview_has_a_line_each(verbs):
    shown = overview(verbs)
    assert [(entry.name, entry.about) for entry in shown.entries][:2] == [
        ("paint", "Paint a network `<b>` in a colour."),
        ("load", "Load."),
    ]


def test_an_unknown_verb_is_an_error(verbs):
    with pytest.raises(NNArchError, match=r"Did you mean `paint`\?"):
        help_on("pain", verbs)


@pytest.mark.parametrize("name", nnarch_nb.VERBS)
def test_the_help_of_each_verb_fits_a_terminal(name):
    text = help_on(name, verbs_of(nnarch_nb.VERBS))._repr_mimebundle_()["text/plain"]
    prose = [line for line in text.splitlines() if not line.lstrip().startswith((">>>", "..."))]
    assert max(map(len, prose)) <= 100
    assert "\x1b" not in text
