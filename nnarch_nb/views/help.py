"""Help as a table of verbs or parameters, in at most 100 columns where there is only text."""

from __future__ import annotations

from textwrap import fill, indent, wrap

from nnarch_nb.core.help import Entry, Help
from nnarch_nb.views.page import render

WIDTH = 100
GAP = "  "


def html(result: Help) -> str:
    return render("help.html.j2", help=result, valued=any(entry.value for entry in result.entries))


def text(result: Help) -> str:
    """Return the help for a terminal."""
    parts = [
        fill(f"{result.title}  {result.about}", WIDTH, subsequent_indent=GAP),
        indent(fill(result.usage, WIDTH - 2, subsequent_indent=GAP), GAP),
        "\n".join(line for entry in result.entries for line in entry_lines(entry, result.entries)),
        "\n\n".join(fill(paragraph, WIDTH) for paragraph in result.more.split("\n\n") if paragraph),
        indent(result.examples, GAP),
        "\n\n".join(fill(paragraph, WIDTH) for paragraph in result.trust.split("\n\n") if paragraph),
    ]
    return "\n\n".join(part for part in parts if part)


def entry_lines(entry: Entry, entries: tuple[Entry, ...]) -> list[str]:
    """Return the name in its column and what it is for beside it."""
    column = min(24, max(len(other.name) for other in entries))
    lines = wrap(described(entry), WIDTH - column - 2 * len(GAP)) or [""]
    head = f"{GAP}{entry.name.ljust(column)}{GAP}"
    if len(entry.name) > column:
        return [head.rstrip(), *(" " * (column + 2 * len(GAP)) + line for line in lines)]
    return [head + lines[0], *(" " * len(head) + line for line in lines[1:])]


def described(entry: Entry) -> str:
    takes = [part for part in (entry.value, entry.default and f"default {entry.default}") if part]
    return f"{entry.about} ({'; '.join(takes)})".strip() if takes else entry.about
