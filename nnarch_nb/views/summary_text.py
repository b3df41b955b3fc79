"""A summary for a terminal, in torchinfo's familiar look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.errors import shorten
from nnarch_nb.views import numbers, summary_memory, traced
from nnarch_nb.views.result import columns as aligned
from nnarch_nb.views.result import heading
from nnarch_nb.views.shapes import written
from nnarch_nb.views.summary_cells import cell, cells, columns
from nnarch_nb.views.summary_lines import Line, lines
from nnarch_nb.views.summary_trust import trust

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Summary

MOST_ROWS = 200
WIDTH = 120  # of a wide terminal
DEEPEST = 8  # levels that are drawn
LEAST = 32  # letters a label keeps
GAP = 2
APART = "\0"  # between a label and its notes, until it is known what fits
WITHIN = "Rows within ×N: figures of one, shares of all."


def text(summary: Summary) -> str:
    found = lines(summary)
    alone = any(not line.layer.path for line in found)  # the network is one layer
    rows = [head(summary), *([] if summary.sort or alone else [root(summary)])]
    for line in found[:MOST_ROWS]:
        rows += rows_of(summary, line)
    table = aligned(cut(rows)).splitlines()
    rule = "=" * max(map(len, table))
    if len(found) > MOST_ROWS:
        table.append(f"… {len(found) - MOST_ROWS:,} more")
    if any(line.times > 1 for line in found[:MOST_ROWS]):
        table.append(WITHIN)
    body = [
        rule,
        table[0],
        rule,
        *table[1:],
        rule,
        *totals(summary),
        rule,
        *needs(summary),
        rule,
        *others(summary),
    ]
    title = f"{summary.given} → {written(summary.output, summary.per_sample)}"
    return "\n".join(
        [heading(summary.name, title, []), *body, f"{trust(summary)} {summary_memory.estimate(summary)}"]
    )


def head(summary: Summary) -> list[str]:
    return [
        "Layer (attribute: type)",
        *(capital(column.brief or column.title) for column in columns(summary)),
    ]


def capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def root(summary: Summary) -> list[str]:
    return [summary.name, *(cell(summary, column, summary.rows[0]).text for column in columns(summary))]


def rows_of(summary: Summary, line: Line) -> list[list[str]]:
    """Return a line, and for layers folded into one a second with the figures of each."""
    twig = "" if summary.sort or not line.layer.path else f"{bars(line.level)}├─"
    label = line.name if summary.sort else line.label
    kind = f": {line.layer.kind}" if summary.sort else ""
    notes = f"{APART}({', '.join(line.notes)})" if line.notes else ""
    found = cells(summary, line)
    rows = [[f"{twig}{label}{kind}{notes}", *(each.text for each in found)]]
    if any(each.each for each in found):
        rows.append([f"{bars(line.level + 1)}each", *(each.each for each in found)])
    return rows


def bars(level: int) -> str:
    """Return what draws the tree, no wider than a terminal takes."""
    return "│    " * level if level <= DEEPEST else "│    " * DEEPEST + f"… {level} "


def cut(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows with labels short enough for the terminal, if that leaves them readable."""
    others = sum(GAP + max(len(row[i]) for row in rows) for i in range(1, len(rows[0])))
    width = max(LEAST, WIDTH - others)
    return [[fitted(row[0], width), *row[1:]] for row in rows]


def fitted(label: str, width: int) -> str:
    """Return the label, shorter where it is too wide: first its notes go, then its middle."""
    label, apart, notes = label.partition(APART)
    if len(label) + len(apart) + len(notes) <= width:
        return f"{label} {notes}".rstrip()
    short = f"{label} (…)" if notes else label
    start = len(short) - len(short.lstrip("│├─ "))
    return (
        short
        if len(short) <= width
        else short[:start] + shorten(short[start:], width - start)[: width - start]
    )


def totals(summary: Summary) -> list[str]:
    frozen = summary.params - summary.trainable
    macs = traced.macs(summary) if summary.uncounted else f"{summary.macs:,}"
    buffers = [f"Buffers: {summary.buffers:,}"] if summary.buffers else []
    return [
        f"Total parameters: {summary.params:,}",
        f"Trainable parameters: {summary.trainable:,}",
        f"Frozen parameters: {frozen:,}",
        *buffers,
        f"{traced.macs_of_what(summary)}: {macs}",
        f"{capital(traced.weights_of_what(summary))}: {numbers.short(summary.weights_bytes, 'B')}",
        *(f"{capital(figure.unit)}: {figure.value}" for figure in summary_memory.figures(summary)[:1]),
    ]


def needs(summary: Summary) -> list[str]:
    """Return what fits, as a line and a table, where memory was asked about."""
    rows = [["", *summary_memory.headings(summary).values()]]
    for row in summary_memory.table(summary):
        rows.append([row.label, *(" ".join(filter(None, (n.size, n.batch))) for n in row.needs)])
    answer = [summary_memory.answer(summary)] if summary.memory_gb is not None else []
    return [*answer, summary_memory.caption(summary) + ":", aligned(rows)]


def others(summary: Summary) -> list[str]:
    """Return torchinfo's own table and where it differs."""
    if summary.torchinfo is None:
        return []
    return [
        "torchinfo:",
        summary.torchinfo.text,
        *(summary.torchinfo.differences or ["Its totals are ours."]),
    ]
