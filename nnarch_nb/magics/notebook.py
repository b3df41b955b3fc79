"""The notebook's variables, and the words that name one of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.magics.kinds import Kind, anything

MISSING = object()
OF_IPYTHON = {"In", "Out", "exit", "get_ipython", "open", "quit"}


@dataclass(frozen=True)
class Notebook:
    """The variables a word may name.

    Attributes
    ----------
    variables
        By their names.
    quoted
        Words that are text where text is taken, whatever variables there are.
    say
        Shows the user a note.
    """

    variables: Mapping[str, Any]
    quoted: frozenset[str] = frozenset()
    say: Callable[[str], None] = print

    def find(self, word: str) -> Any:
        """Return the variable, or attribute of one, that the word names; else ``MISSING``.

        Raises
        ------
        NNArchError
            The attribute is there but fails when read.
        """
        first, *attributes = unicodedata.normalize("NFKC", word).split(".")
        if any(name.startswith("__") for name in attributes):
            return MISSING
        value = self.variables.get(first, MISSING)
        for name in attributes:
            value = value if value is MISSING else attribute(value, name, word)
        return value

    def names(self, fits: Callable[[Any], bool]) -> list[str]:
        """Return the names of the user's variables that fit."""
        return [
            name
            for name, value in list(self.variables.items())
            if not name.startswith("_") and name not in OF_IPYTHON and fits(value)
        ]


def attribute(value: Any, name: str, word: str) -> Any:
    try:
        return getattr(value, name)
    except AttributeError:
        return MISSING
    except Exception as error:  # a property of the user's own: whatever it raises is the answer
        raise NNArchError(f"reading {shorten(word)} failed: {type(error).__name__}: {error}") from error


def unknown(
    word: str, kinds: list[Kind], label: str, notebook: Notebook, others: Iterable[str] = ()
) -> NNArchError:
    """Return the error for a word that names nothing of these kinds, nor one of the others allowed."""
    known = [*others, *(name for kind in kinds for name in (*notebook.names(kind.fits), *kind.names()))]
    first, dot, rest = word.partition(".")
    missing = f"there is no variable {shorten(word)!r} in this notebook"
    if dot and first in notebook.variables:
        missing = f"your variable `{first}` has no {shorten(rest)!r}"
        known = [f"{first}.{name}" for name in attributes_of(first, notebook)]
    near = did_you_mean(word, known) or did_you_mean(word, notebook.names(anything))
    cures = [kind.cure for kind in kinds[:1]]
    cures += [f"Known {plural(kind.named)}: {', '.join(kind.names())}." for kind in kinds[:1] if kind.names()]
    return NNArchError(" ".join([f"{label}: {missing}.{near}", *cures]).rstrip())


def plural(noun: str) -> str:
    return f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"


def attributes_of(variable: str, notebook: Notebook) -> list[str]:
    return [name for name in dir(notebook.variables[variable]) if not name.startswith("_")]


def nearly_names(word: str, notebook: Notebook) -> bool:
    """Tell whether the word is all but an attribute of a variable: ``d.trian``, but not ``data.csv``."""
    first, dot, rest = word.partition(".")
    named = dot and first in notebook.variables and rest.replace(".", "").isidentifier()
    return bool(named and did_you_mean(rest, attributes_of(first, notebook)))
