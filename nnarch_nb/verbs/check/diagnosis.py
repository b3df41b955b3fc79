"""The work of ``check``: trace the run, find why it fails, try what could mend it."""

from __future__ import annotations

from typing import Any

from nnarch_nb.core.data import Data
from nnarch_nb.core.network import name_of
from nnarch_nb.core.trace import first_trace
from nnarch_nb.verbs.check import Check
from nnarch_nb.verbs.check.finding import finding_of, steps_of
from nnarch_nb.verbs.check.proposals import working


def diagnose(model: Any, inputs: Any, kwargs: Any) -> Check:
    """Return the finding for a network and its inputs."""
    network, call, run = first_trace(model, inputs, kwargs, confirm=True)
    classes = inputs.outputs if isinstance(inputs, Data) else None
    finding = finding_of(network, call, run, classes)
    mended = working(network, call, run, classes) if finding else []
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
        confirmed=run.confirmed,
        notes=run.notes,
    )
