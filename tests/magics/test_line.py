"""Words, as a person means them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnarch_nb.errors import NNArchError
from nnarch_nb.magics.line import read, split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ()),
        ("   ", ()),
        ("summary model 1,28,28", ("summary", "model", "1,28,28")),
        ("data 'my file.csv' --target \"the y\"", ("data", "my file.csv", "--target", "the y")),
        ('--root="C:\\new data\\x"', ("--root=C:\\new data\\x",)),
        ("check m (1, 28, 28)", ("check", "m", "(1, 28, 28)")),
        ("check m [1, 28]", ("check", "m", "[1, 28]")),
        ("check m (1, 28", ("check", "m", "(1, 28")),
        ("check m 1, 28, 28", ("check", "m", "1, 28, 28")),
        ("build Linear(8), ReLU() --input 4", ("build", "Linear(8), ReLU()", "--input", "4")),
        ("build Linear(8), ReLU() 4", ("build", "Linear(8), ReLU()", "4")),
        (
            "build Conv2d((3, 3), 'a b', p = -1), ReLU() 4",
            ("build", "Conv2d((3, 3), 'a b', p = -1), ReLU()", "4"),
        ),
        ("build ELU(0.1 , -1), ReLU()", ("build", "ELU(0.1 , -1), ReLU()")),
        ("build Linear(8), --input 4", ("build", "Linear(8),", "--input", "4")),
        ("build Linear(8, -o q", ("build", "Linear(8,")),
        ("build Fold(')', 2) 4", ("build", "Fold(')', 2)", "4")),
        ("build, mlp", ("build,", "mlp")),
        ("data a#b.csv # a comment 'open", ("data", "a#b.csv")),
        ('data "#1"', ("data", "#1")),
        ("a\tb\nc\u00a0d", ("a", "b", "c", "d")),
        ("data ''", ("data", "")),
        ("build Conv2d(8,3,padding='same')", ("build", "Conv2d(8,3,padding='same')")),
    ],
)
def test_words(line, words):
    assert read(line).words == words


@pytest.mark.parametrize("line", ["data x;", "data x ;", "data x; # why", "data x;;"])
def test_a_semicolon_silences(line):
    assert read(line).words == ("data", "x")
    assert read(line).silent


@pytest.mark.parametrize("line", ["data x", "data 'x;'", "data x;y", "data x # ;"])
def test_other_semicolons_are_text(line):
    assert not read(line).silent


def test_the_result_is_stored_from_anywhere_on_the_line():
    assert read("a -o name b").words == ("a", "b")
    assert read("a b -o name").store == "name"
    assert read("a -o ﬁt").store == "fit", "as Python spells it"


@pytest.mark.parametrize("line", ["a b -o=name", "a -o=name b", "a b -o='name';", "-o=name a b"])
def test_the_name_is_written_with_an_equals_sign_too(line):
    assert (read(line).words, read(line).store) == (("a", "b"), "name")


def test_an_option_in_quotes_is_text():
    assert read("a '-o=name'").words == ("a", "-o=name")


def test_quoted_words_are_known():
    assert read("data 'digits' x").quoted == {"digits"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a 'b", "a quote is not closed: 'b"),
        ("a b\"c d'", "a quote is not closed"),
        ("a -o", "after -o, a name is missing; write -o result"),
        ("a -o=", "after -o, a name is missing; write -o result"),
        ("a -o=3x", "after -o, '3x' cannot name a variable"),
        ("a -o 3x", "after -o, '3x' cannot name a variable"),
        ("a -o class", "'class' cannot name a variable"),
        ("a -o x -o y", "-o is given twice"),
        ("a \0", "null character"),
        ("a \ud800", "half a character"),
    ],
)
def test_what_cannot_be(line, message):
    with pytest.raises(NNArchError, match=message):
        read(line)


@given(st.lists(st.text(st.characters(blacklist_characters="'\0", blacklist_categories=["Cs"]))))
def test_quoting_carries_any_text(words):
    assert list(read(" ".join(f"'{word}'" for word in words)).words) == words or "-o" in words


@pytest.mark.parametrize("text", ["(" * 50_000, "([" * 25_000, "x" * 100_000, "a(b" * 30_000, "(x " * 30_000])
def test_a_huge_line_is_read_at_once(text):
    assert "".join(split(text)).count("(") == text.count("(")
