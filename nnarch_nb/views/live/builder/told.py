"""What the page is told of a draft, as plain data; every name as it can be shown."""

from __future__ import annotations

from typing import Any

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.build.draft import Draft, Row
from nnarch_nb.verbs.build.families import choice
from nnarch_nb.views import graph as graph_view
from nnarch_nb.views import numbers, theme
from nnarch_nb.views.live.builder import usual
from nnarch_nb.views.live.builder.bench import Bench
from nnarch_nb.views.live.explorer.told import plain

MOST_EXACT = 10**9
MOST_ROWS = 500  # more than a person edits as a list; the text has all


def state(bench: Bench, line: str = "", refused: bool = False) -> dict[str, Any]:
    """Return the draft as it stands, with what there is to say of the last act.

    Parameters
    ----------
    bench
        Where the draft lies.
    line
        What is said.
    refused
        Whether the act could not be done.
    """
    draft, shown = bench.draft, bench.readable
    told: dict[str, Any] = {
        **rows_told(bench),
        "text": draft.text,
        "input": "" if draft.wish.shape is None else ",".join(map(str, draft.wish.shape)),
        "data": draft.wish.data.name if draft.wish.data is not None else "",
        "classes": "" if draft.classes is None else str(draft.classes),
        "problem": draft.problem if draft.text.strip() else "",
        "caret": draft.caret,
        "proposals": [[each.words, each.mends] for each in draft.proposals],
        "params": f"{shown.params:,}",
        "output": numbers.shape(shown.trial.shapes[-1]) if shown.trial.shapes else "",
        "stands": not draft.problem,
        "undo": bool(bench.before),
        "redo": bool(bench.after),
        "palette": usual.palette(draft.wish.shape),
        "parts": usual.parts(shown.layers),
        "store": draft.store,
        "line": line,
        "refused": refused,
    }
    made: dict[str, Any] = plain(told)
    return made


def rows_told(bench: Bench) -> dict[str, Any]:
    found = bench.readable.rows
    return {
        "rows": [row_told(row) for row in found[:MOST_ROWS]],
        "more": max(0, len(found) - MOST_ROWS),
        "stale": bool(bench.draft.unreadable),
        "chosen": written(bench.chosen) if bench.chosen else None,
    }


def row_told(row: Row) -> dict[str, Any]:
    family = layer_family(row.text.partition("(")[0].removeprefix("nn."))
    return {
        "at": written(row.at),
        "level": row.level,
        "text": row.text,
        "written": row.written,
        "kind": row.kind,
        "shape": "" if row.shape is None else numbers.shape(row.shape),
        "params": counted(row.params) if row.params else "",
        "state": row.state,
        "problem": row.problem,
        "colour": theme.family_colour(family) if row.kind == "layer" else "",
    }


def counted(params: int) -> str:
    """Return the exact number, as long as it fits into its column."""
    return f"{params:,}" if params < MOST_EXACT else numbers.short(params)


def written(at: tuple[int, ...]) -> str:
    return ".".join(map(str, at))


def choices() -> dict[str, list[str]]:
    """Return what can be chosen whatever the draft: layers and families by name."""
    return {"layers": usual.names(), "families": list(choice.names())}


def picture(draft: Draft) -> dict[str, str]:
    """Return the drawing and its words; both empty where there is nothing to draw."""
    graph = draft.graph()
    if graph is None:
        return {"svg": "", "alt": ""}
    made: dict[str, str] = plain({"svg": graph_view.svg(graph), "alt": graph_view.alt(graph)})
    return made
