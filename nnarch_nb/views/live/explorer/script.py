"""The explorer's code for the page, as one module.

A page takes one module for a widget, and a module made from text cannot import its neighbours. The
files are plain modules all the same, each with its own job; here they are put one after the other,
without the words that tie them together.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

# Each after those it takes from.
PARTS = (
    "dom", "camera", "picture", "pointer", "find", "search", "tree", "card", "place", "copy", "kernel",
    "keys", "frame", "view", "explorer",
)  # fmt: skip
IMPORT = re.compile(r"^import .*;\n", flags=re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", flags=re.MULTILINE)


@cache
def script() -> str:
    """Return the module's text."""
    return "\n".join(EXPORT.sub("", IMPORT.sub("", read(f"{part}.js"))) for part in PARTS)


@cache
def style() -> str:
    return read("explorer.css")


def read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
