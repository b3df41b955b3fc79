"""What a verb says of itself, read from its signature and docstring."""

from __future__ import annotations

from dataclasses import dataclass

from nnarch_nb.core.result import Result


@dataclass(frozen=True)
class Entry:
    """One line of help: a verb, or a parameter of one.

    Attributes
    ----------
    name
        As it is typed: ``summary``, ``MODEL``, ``--depth``.
    about
        What it is for.
    value, default
        What a parameter takes, and what it is when it is not given; empty where there is none.
    """

    name: str
    about: str
    value: str = ""
    default: str = ""


@dataclass(frozen=True, repr=False)
class Help(Result):
    """The help of one verb, or of all.

    Attributes
    ----------
    title, about
        The verb and its summary line.
    usage
        How it is typed.
    entries
        The verb's parameters, or all verbs.
    more
        The paragraphs of the docstring after its summary.
    examples
        Lines of Python that run, with what they print.
    trust
        Where to read on.
    """

    title: str
    about: str
    usage: str
    entries: tuple[Entry, ...]
    more: str = ""
    examples: str = ""
    trust: str = ""

    def __repr__(self) -> str:
        return f"Help({self.title}: {self.about})"
