"""A draft as it stands: its layers, what each makes, and where and why it breaks; the builder beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.core.layers import layer_family
from nnarch_nb.views import numbers
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.draft import Draft, Row

INDENT = 16  # pixels
MOST_ROWS = 105
STATES = {"fits": "", "broken": "✗ does not fit", "holds": "", "after": "not reached"}
TRUST = "Sizes inferred without computing; no weights are drawn yet."


def html(draft: Draft) -> str:
    return render(
        "draft.html.j2",
        title=draft.wish.name or "Draft",
        subtitle=subtitle(draft),
        strip=strip(draft),
        rows=[(row, family(row), STATES[row.state]) for row in draft.rows[:MOST_ROWS]],
        more=max(0, len(draft.rows) - MOST_ROWS),
        indent=INDENT,
        problem=draft.problem if draft.text.strip() else "",
        caret=draft.caret,
        proposals=[proposal.words for proposal in draft.proposals],
        text=draft.text,
        trust=TRUST,
    )


def beside(draft: Draft) -> None:
    """Show the builder, where there is a page for it."""
    from nnarch_nb.views.live import builder

    builder.offer(draft)


def text(draft: Draft) -> str:
    table = [["layer", "output", "parameters", ""]]
    table += [told(row) for row in draft.rows[:MOST_ROWS]]
    parts = [heading(draft.wish.name or "Draft", subtitle(draft), strip(draft))]
    parts += [columns(table)] if len(table) > 1 else []
    parts += [f"{draft.problem}\n{draft.caret}".rstrip()] if draft.problem else []
    parts += ["\n".join(f"- {proposal.words}" for proposal in draft.proposals)] if draft.proposals else []
    return "\n\n".join([*parts, TRUST])


def told(row: Row) -> list[str]:
    return [
        "  " * row.level + row.text,
        numbers.shape(row.shape),
        numbers.count(row.params),
        STATES[row.state],
    ]


def family(row: Row) -> str:
    return layer_family(row.text.partition("(")[0].removeprefix("nn."))


def subtitle(draft: Draft) -> str:
    given = draft.wish.shape
    takes = "input not given" if given is None else numbers.shape(given)
    if draft.problem or not draft.trial.shapes:
        return f"{takes}, under work"
    return f"{takes} → {numbers.shape(draft.trial.shapes[-1])}"


def strip(draft: Draft) -> list[Figure]:
    if not draft.rows:
        return []
    layers = sum(row.kind == "layer" for row in draft.rows)
    so_far = " so far" if draft.trial.failed else ""
    return [
        Figure(numbers.short(draft.params), f"parameters{so_far}"),
        Figure(f"{layers:,}", "layers" if layers != 1 else "layer"),
    ]
