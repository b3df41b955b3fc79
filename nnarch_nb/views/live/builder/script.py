"""The builder's code for the page, as one module: its own files after those it shares with the explorer."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from nnarch_nb.views.live.explorer import script as explorer

SHARED = ("dom", "copy", "place")
# Each after those it takes from.
PARTS = ("asks", "cells", "rows", "adding", "fields", "picture", "problem", "ends", "panel", "builder")


@cache
def script() -> str:
    """Return the module's text."""
    texts = [*(explorer.read(f"{part}.js") for part in SHARED), *(read(f"{part}.js") for part in PARTS)]
    return "\n".join(explorer.EXPORT.sub("", explorer.IMPORT.sub("", text)) for text in texts)


@cache
def style() -> str:
    return read("builder.css")


def read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
