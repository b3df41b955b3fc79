"""A ``%nnarch`` line as words: quotes, comments, brackets, ``-o name`` and the trailing ``;``.

Not ``shlex``: a backslash is part of a Windows path here, ``#`` inside a word part of a file name, and
``(1, 28, 28)`` one word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from keyword import iskeyword

from nnarch_nb.errors import NNArchError, shorten

QUOTED = r"""'[^']*'|"[^"]*\""""
BRACKETED = r"""\([^()'"]*\)|\[[^\[\]'"]*\]"""
WORD = re.compile(rf"(?:{QUOTED}|{BRACKETED}|[^\s'\"])++")
OPTION = re.compile(r"--?[\w-]+=")
NAMED = re.compile(r"--?[A-Za-z]")
SPACE = re.compile(r"\s*+")


@dataclass(frozen=True)
class Line:
    """What was typed.

    Attributes
    ----------
    words
        Unquoted, without what the other attributes say.
    quoted
        Those written in quotes, which are text and name no variable where text is taken.
    store
        The variable that shall hold the result (``-o name``).
    silent
        The line ends with ``;``: the result is not shown.
    """

    words: tuple[str, ...]
    quoted: frozenset[str] = frozenset()
    store: str | None = None
    silent: bool = False


def read(line: str) -> Line:
    """Return the words of a line.

    Raises
    ------
    NNArchError
        A quote is open, a character cannot be, or ``-o`` has no name.

    Examples
    --------
    >>> read("summary model (1, 28, 28) -o s;  # look")
    Line(words=('summary', 'model', '(1, 28, 28)'), quoted=frozenset(), store='s', silent=True)
    """
    raw = split(line)
    silent = bool(raw) and raw[-1].endswith(";")
    if silent:
        raw[-1] = raw[-1].rstrip(";")
    words, store = without_store([unquoted(word) for word in raw if word])
    quoted = frozenset(unquoted(word) for word in raw if word[:1] in ("'", '"'))
    return Line(tuple(words), quoted, store, silent)


def split(line: str) -> list[str]:
    """Return the words up to a comment, quotes as typed."""
    refuse_impossible(line)
    words, position = [], SPACE.match(line).end()  # type: ignore[union-attr]  # matches nothing too
    while position < len(line) and line[position] != "#":
        word = WORD.match(line, position)
        if word is None or line[word.end() : word.end() + 1] in ("'", '"'):
            raise NNArchError(f"a quote is not closed: {shorten(line[position:])}")
        words += store_apart(word[0])
        position = SPACE.match(line, word.end()).end()  # type: ignore[union-attr]
    return [*words[:1], *joined(words[1:])]


def store_apart(word: str) -> list[str]:
    """Return ``-o=name`` as the two words it stands for."""
    return ["-o", word.removeprefix("-o=")] if word.startswith("-o=") else [word]


def joined(words: list[str]) -> list[str]:
    """Return the words, those of one list of layers or sizes as one.

    What ends in a comma or inside a bracket goes on in the next word, up to an option.

    Examples
    --------
    >>> joined(["Linear(8),", "ReLU()", "1,", "28", "--depth", "2"])
    ['Linear(8), ReLU()', '1, 28', '--depth', '2']
    """
    groups: list[list[str]] = []
    depth, open_ended = 0, False
    for word in words:
        if open_ended and not NAMED.match(word):
            groups[-1].append(word)
        else:
            groups.append([word])
            depth = 0
        depth += depth_of(word)
        open_ended = depth > 0 or word.endswith(",")
    return [" ".join(group) for group in groups]


def depth_of(word: str) -> int:
    """Return how many brackets the word opens more than it closes, quotes aside."""
    bare = re.sub(QUOTED, "", word)
    return sum(bare.count(mark) for mark in "([") - sum(bare.count(mark) for mark in ")]")


def refuse_impossible(line: str) -> None:
    """Raise for characters that no file name, variable or page can hold."""
    if "\0" in line:
        raise NNArchError("the line holds a null character; remove it")
    try:
        line.encode()
    except UnicodeEncodeError as error:
        raise NNArchError(
            f"the line holds half a character ({line[error.start]!a}) at {error.start}"
        ) from error


def unquoted(word: str) -> str:
    """Return the word without the quotes around it or its value; those within are part of the text.

    Examples
    --------
    >>> unquoted("'my file.csv'"), unquoted("--target='the y'"), unquoted("Conv2d(8,3,padding='same')")
    ('my file.csv', '--target=the y', "Conv2d(8,3,padding='same')")
    """
    option = OPTION.match(word)
    start = option.end() if option else 0
    if word[start : start + 1] not in ("'", '"'):
        return word
    return word[:start] + re.sub(QUOTED, lambda quoted: quoted[0][1:-1], word[start:])


def without_store(words: list[str]) -> tuple[list[str], str | None]:
    """Return the words before and after ``-o name``, and the name."""
    places = [place for place, word in enumerate(words) if word == "-o"]
    if not places:
        return words, None
    if len(places) > 1:
        raise NNArchError("-o is given twice; a result is stored under one name")
    place = places[0]
    name = words[place + 1] if place + 1 < len(words) else ""
    return words[:place] + words[place + 2 :], variable_name(name)


def variable_name(name: str) -> str:
    """Return the name as Python spells it.

    Raises
    ------
    NNArchError
        It cannot name a variable.
    """
    spelled = unicodedata.normalize("NFKC", name)
    if not spelled.isidentifier() or iskeyword(spelled):
        what = f"{shorten(name)!r} cannot name a variable" if name else "a name is missing"
        raise NNArchError(f"after -o, {what}; write -o result")
    return spelled
