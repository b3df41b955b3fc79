"""The finding of ``check``: what fails and what mends it first, then the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.core.layers import layer_family
from nnarch_nb.views import numbers
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.check import Check

MOST_ROWS = 200


def html(check: Check) -> str:
    rows = steps(check)
    return render(
        "check.html.j2",
        title=title(check),
        subtitle="",
        strip=strip(check),
        check=check,
        rows=rows[-MOST_ROWS:],
        hidden=max(0, len(rows) - MOST_ROWS),
        trust=trust(check),
    )


def text(check: Check) -> str:
    table = [["layer", "output"], *[[row["label"], row["output"]] for row in steps(check)[-MOST_ROWS:]]]
    if not check.runs:
        table.append([f"✗ {failing(check)}", "fails"])
    finding = [] if check.ok else ["", check.reason, *code(check), advice(check)]
    notes = ["", *(f"Note: {note}" for note in check.notes)] if check.notes else []
    head = heading(title(check), "", strip(check))
    return "\n".join([head, *finding, *notes, "", columns(table), "", trust(check)])


def title(check: Check) -> str:
    if check.runs and not check.ok:
        return f"{check.name} runs on {check.given}, but not as it should"
    return f"{check.name} {'accepts' if check.ok else 'does not accept'} {check.given}"


def strip(check: Check) -> list[Figure]:
    ran = str(len(check.layers))
    if check.ok:
        return [Figure(numbers.shape(flat(check.output)), outputs(check)), Figure(ran, layers("ran", ran))]
    word = "runs, but not as it should" if check.runs else "fails first"
    figures = [Figure(ran, layers("worked", ran)), Figure(failing(check), word)]
    if check.expected is not None and check.got is not None:
        figures += [Figure(f"{check.expected:,}", "expected"), Figure(f"{check.got:,}", given(check))]
    return figures


def layers(what: str, ran: str) -> str:
    return f"layer{'' if ran == '1' else 's'} {what}"


def outputs(check: Check) -> str:
    several = bool(check.output) and isinstance(check.output[0], tuple) and len(check.output) > 1
    return f"first of {len(check.output)} outputs" if several else "output"


def flat(output: tuple | None) -> tuple | None:
    """Return the shape of the first result, where there are several."""
    return output[0] if output and isinstance(output[0], tuple) else output


def given(check: Check) -> str:
    return f"given = {check.arithmetic}" if check.arithmetic else "given"


def failing(check: Check) -> str:
    return check.failing or check.operation or check.kind or ""


def advice(check: Check) -> str:
    if check.proposal is None:
        return "No change was found that mends it."
    others = "".join(f"\nOr {other}." for other in check.alternatives)
    return f"Mend: {check.proposal}.{others}"


def code(check: Check) -> list[str]:
    return [f"At: {check.line}"] if check.line else []


def steps(check: Check) -> list[dict]:
    return [
        {
            "path": step.path,
            "kind": step.kind,
            "label": f"{step.path}: {step.kind}" if step.path else step.kind,
            "family": layer_family(step.kind),
            "output": numbers.shape(step.output),
        }
        for step in check.steps
    ]


def trust(check: Check) -> str:
    tried = " A proposal is shown only after it ran; its accuracy is not checked." if check.proposal else ""
    if check.mode == "none":
        return "It could not be run; it was not touched."
    return f"{how(check)}, batch dimension included; the network was not touched.{tried}"


def how(check: Check) -> str:
    if check.mode == "real":
        return "Run for real"
    if check.confirmed:
        return "Traced without computing, then run once on values"
    unseen = " (what depends on values, such as the range of an index, was not seen)" if check.ok else ""
    return f"Traced without computing{unseen}"
