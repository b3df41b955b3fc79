"""The text itself: Python's parser asked for its tree, and places in it shown with a caret.

How lines are indented does not matter, so each is parsed without its indentation and the columns are
counted with it.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nnarch_nb.errors import NNArchError, shorten

LONGEST = 100_000
WIDEST = 88  # characters of a line shown with a caret
CUT = "…"  # where the line goes on
EXAMPLE = "Conv2d(32, 3), ReLU(), Flatten(), Linear(10)"
PLACE = re.compile(r"line (\d+), column (\d+): ")
NEWLINE = re.compile(r"\r\n|\r|\n")
# What a page or a word processor makes of plain signs, one for one, so that columns stay what they are.
PLAIN = str.maketrans(
    dict.fromkeys(
        "\x0b\x0c\x85\xa0\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
        + "".join(map(chr, range(0x2000, 0x200B))),
        " ",
    )
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u2032", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
    | {"\u00d7": "*", "\uff0c": ",", "\uff08": "(", "\uff09": ")", "\uff1d": "="}
)
SHOWN = re.compile(r"\s*\(\w+\): \w+\(")  # a line of what print shows of a network
COMMA = "this cannot be read; a comma may be missing before it"
# What Python's parser says in terms of programs, said in terms of layers.
IN_OUR_WORDS = {
    "cannot assign to": "only a name can be defined: block = [Conv2d(64, 3), ReLU()] or width = 64",
    "expression cannot contain assignment": "an argument by name is written name=value",
    "invalid syntax. Maybe you meant '=='": "an argument by name is written name=value",
    "was never closed": "{msg}; close it after its last argument",
    "closing parenthesis": "{msg}",
    "unmatched": "{msg}; remove it or open it before",
    "forgot a comma": COMMA,
    "positional argument follows": "arguments without a name come before those with one",
    "unterminated": "{msg}; close the quote",
    "invalid character": "{msg}; write plain letters, digits and signs",
    "non-printable": "{msg}; remove it",
    "leading zeros": "a whole number is written without zeros before it",
    "expected an indented block": f"this is Python, and nothing is run here; write layers like {EXAMPLE}",
}


class Source:
    """A text of layers and its lines."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise NNArchError(f"the specification has {len(text):,} characters; at most {LONGEST:,} are read")
        self.take(lines_of(text))

    def take(self, lines: list[str]) -> None:
        self.lines = lines
        self.bare = [line.lstrip(" \t\f") for line in lines]

    def statements(self) -> list[ast.stmt]:
        """Return what the text says; a text that cannot be read as it stands is read in plain signs."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # an odd escape: it is a text all the same
                return ast.parse("\n".join(self.bare)).body
        except SyntaxError as error:
            plain = [line.translate(PLAIN) for line in self.lines]
            if plain == self.lines:
                raise self.refusal(error) from None
            self.take(plain)
            return self.statements()
        except (ValueError, RecursionError, MemoryError) as error:
            reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
            raise NNArchError(
                f"the specification cannot be read ({shorten(reason)}); write layers like {EXAMPLE}"
            ) from None

    def refusal(self, error: SyntaxError) -> NNArchError:
        line = min(max(error.lineno or 1, 1), len(self.lines))
        indent = len(self.lines[line - 1]) - len(self.bare[line - 1])
        column = min(max(error.offset or 1, 1), len(self.bare[line - 1]) + 1) + indent
        told = next((words for part, words in IN_OUR_WORDS.items() if part in error.msg), None)
        if error.msg == "invalid syntax" and self.lines[line - 1][: column - 1].rstrip().endswith((")", "]")):
            told = COMMA
        told = self.pasted(line, column) or told or f"{{msg}}; write layers like {EXAMPLE}"
        return NNArchError(f"line {line}, column {column}: {told.replace('{msg}', shorten(error.msg))}")

    def pasted(self, line: int, column: int) -> str | None:
        """Return what to do about a text from elsewhere that is no list of layers."""
        if self.lines[line - 1][column - 1 : column] == "$":
            return "a cell reads no variables of the notebook; define a number above: width = 64"
        if SHOWN.match(self.lines[line - 1]):
            return f"this is what print shows of a network; write layers like {EXAMPLE}"
        return None

    def where(self, node: ast.AST) -> tuple[int, int]:
        """Return line and column of a node, both from 1, in characters (Python's tree counts bytes)."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return line, len(self.lines[line - 1]) - len(self.bare[line - 1]) + self.characters(line, offset) + 1

    def characters(self, line: int, offset: int) -> int:
        bare = self.bare[line - 1]
        return offset if bare.isascii() else len(bare.encode()[:offset].decode(errors="ignore"))

    def written(self, node: ast.AST) -> str:
        """Return what stands in the text for a node, on one line and cut where it is long."""
        line, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        lines = self.bare[line - 1 : end]
        lines[-1] = lines[-1][: self.characters(end, getattr(node, "end_col_offset", 0))]
        lines[0] = lines[0][self.characters(line, getattr(node, "col_offset", 0)) :]
        return shorten(printable(" ".join(lines)), 60)

    def complaint(self, node: ast.AST, problem: str) -> NNArchError:
        line, column = self.where(node)
        return NNArchError(f"line {line}, column {column}: {self.written(node)} {problem}")


def lines_of(text: str) -> list[str]:
    """Return the lines as Python counts them; a space that does not break is a space."""
    return NEWLINE.split(text.replace("\xa0", " "))


@contextmanager
def pointing(text: str) -> Iterator[None]:
    """Show the line of the text that an error of the block speaks of, with a caret under the place.

    Examples
    --------
    >>> try:
    ...     with pointing("Conv2D(32, 3)"):
    ...         raise NNArchError("line 1, column 1: no layer is called 'Conv2D'")
    ... except NNArchError as error:
    ...     print(*error.__notes__)
        Conv2D(32, 3)
        ^
    """
    try:
        yield
    except NNArchError as error:
        place = PLACE.match(str(error))
        note = caret(text, int(place[1]), int(place[2])) if place else ""
        if note and not getattr(error, "__notes__", ()):
            error.add_note(note)
        raise


def caret(text: str, line: int, column: int) -> str:
    """Return the line with a caret under the column, or nothing where the text has no such place."""
    lines = lines_of(text)
    if line > len(lines) or column > len(lines[line - 1]) + 1:
        return ""
    source = printable(lines[line - 1])
    first = len(source) - len(source.lstrip())
    start = first
    if len(source) - first > WIDEST:
        start = max(first, min(column - 1 - WIDEST // 2, len(source) - WIDEST))
    start = min(start, column - 1)
    before = CUT if start > first else ""
    after = CUT if start + WIDEST < len(source) else ""
    shown = before + source[start : start + WIDEST] + after
    return f"    {shown}\n    {' ' * (len(before) + width(source[start : column - 1]))}^"


def printable(text: str) -> str:
    """Return the text with one space for each character that would move the cursor or cannot be shown."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def width(text: str) -> int:
    """Return how many columns a text takes: ideographs take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
