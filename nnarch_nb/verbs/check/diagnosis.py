"""The work of ``check``: trace the run, find why it fails, try what could mend it."""

from __future__ import annotations

from typing import Any

from nnarch_nb.core.data import Data
from nnarch_nb.core.network import name_of
from nnarch_nb.core.trace import Trace, first_trace
from nnarch_nb.verbs.check import Check
from nnarch_nb.verbs.check.find import finding_of
from nnarch_nb.verbs.check.finding import Case, Widths, steps_of
from nnarch_nb.verbs.check.search import working


def diagnose(model: Any, inputs: Any, kwargs: Any) -> Check:
    """Return the finding for a network and its inputs."""
    network, call, run = first_trace(model, inputs, kwargs, confirm=True)
    widths = widths_of(inputs) if isinstance(inputs, Data) else ()
    case = Case(network, call, run, widths)
    finding = finding_of(case)
    mended = working(case) if finding else []
    return Check(
        name=name_of(network),
        given=str(call),
        ok=finding is None,
        layers=tuple(step for step in steps_of(run) if step.path),
        steps=steps_of(run),
        failing=finding.path if finding else None,
        kind=finding.kind if finding else None,
        expected=finding.expected if finding else None,
        got=finding.got if finding else None,
        arithmetic=finding.arithmetic if finding else "",
        reason=finding.reason if finding else "",
        proposal=mended[0] if mended else None,
        alternatives=tuple(mended[1:]),
        output=run.output,
        mode=run.mode,
        runs=run.failure is None,
        operation=run.failure.operation if run.failure else None,
        confirmed=run.confirmed,
        notes=(*run.notes, *several(run, widths)),
    )


def widths_of(data: Data) -> Widths:
    """Return how many numbers a sample fit the data: one alone also tells two classes apart."""
    binary = data.kind == "classification" and data.outputs == 2
    return (2, 1) if binary else (data.outputs,)


def several(run: Trace, widths: Widths) -> tuple[str, ...]:
    """Return that the network runs on the data, but gives no answer that the other verbs can read."""
    if not widths or run.failure or run.returned in ("tensor", "logits"):
        return ()
    return (
        f"It returns a {run.returned}: train, explain and attack read one tensor, or an object with .logits.",
    )
