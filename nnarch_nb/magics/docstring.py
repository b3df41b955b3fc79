"""A numpydoc docstring taken apart: summary, further paragraphs, parameters and sections."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

HEADING = re.compile(r"^([A-Z][\w ]*)\n-{3,}\n", re.MULTILINE)


def sections(function: Callable[..., Any]) -> dict[str, str]:
    """Return each section by its heading, with ``summary`` and ``more`` for what stands before.

    Examples
    --------
    >>> sorted(sections(sections))
    ['Examples', 'more', 'summary']
    """
    first, *rest = HEADING.split(inspect.getdoc(function) or function.__name__)
    summary, _, more = first.strip().partition("\n\n")
    parts = dict(zip(rest[::2], (part.strip("\n") for part in rest[1::2]), strict=True))
    return {
        "summary": plain(" ".join(summary.split())),
        "more": plain(more.strip()),
        **{heading: part if heading == "Examples" else plain(part) for heading, part in parts.items()},
    }


def parameters(function: Callable[..., Any]) -> dict[str, str]:
    """Return what the docstring says of each parameter; ``a, b`` share a text."""
    about = {}
    for block in re.split(r"\n(?=\S)", sections(function).get("Parameters", "")):
        names, _, text = block.partition("\n")
        for name in names.partition(":")[0].split(","):
            about[name.strip(" *")] = " ".join(text.split())
    return about


def plain(text: str) -> str:
    """Return the text without reStructuredText's marks."""
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text.replace("``", "`"))
