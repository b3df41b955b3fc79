"""The work of ``check``: trace the run, find why it fails, try what could mend it."""

from __future__ import annotations

from typing import Any

from torch import nn

from nnarch_nb.core.answers import shape_of_answer
from nnarch_nb.core.data import Data
from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.trace import Failure, Trace, first_trace
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.check import Check
from nnarch_nb.verbs.check.find import finding_of
from nnarch_nb.verbs.check.finding import Case, Finding, Widths, found, layers_of, named, steps_of
from nnarch_nb.verbs.check.notes import notes_on
from nnarch_nb.verbs.check.search import working
from nnarch_nb.verbs.check.several import of_two

MOST_LINE = 110  # letters of a line of code


def diagnose(model: Any, inputs: Any, kwargs: Any) -> Check:
    """Return the finding for a network and its inputs."""
    unmade = not_initialised(as_network(model))
    if unmade is not None:
        return not_run(model, inputs, kwargs, *unmade)
    network, call, run = first_trace(model, inputs, kwargs, confirm=True)
    case = Case(network, call, run, *(asked_by(inputs) if isinstance(inputs, Data) else ()))
    finding = finding_of(case)
    if finding is not None:
        return told(case, finding, working(case))
    several = of_two(case)
    if several is not None:
        return told(case, several[1], working(several[0]), several[0].run.failure)
    return told(case, None, [])


def told(case: Case, finding: Finding | None, mended: list[str], stopped: Failure | None = None) -> Check:
    """Return the finding as a record without the network; ``stopped`` tells of a run on two samples."""
    run, unmade = case.run, finding is not None and finding.cause == "unmade"
    stopped = stopped or run.failure
    return Check(
        name=name_of(case.model),
        given=str(case.call),
        ok=finding is None,
        layers=layers_of(run),
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
        mode="none" if unmade else run.mode,
        runs=run.failure is None,
        operation=run.failure.operation if run.failure else None,
        line=shorten(stopped.line, MOST_LINE) if stopped else "",
        confirmed=run.confirmed,
        notes=run.notes if unmade else (*run.notes, *notes_on(case)),
    )


def not_initialised(model: nn.Module, path: str = "") -> tuple[str, nn.Module] | None:
    """Return the first module whose class forgot ``super().__init__()``: it cannot even be walked through."""
    children = vars(model).get("_modules")
    if children is None and not hasattr(model, "_c"):
        return path, model
    below = (
        not_initialised(child, f"{path}.{name}" if path else name)
        for name, child in (children or {}).items()
        if child is not None
    )
    return next(filter(None, below), None)


def not_run(model: nn.Module, inputs: Any, kwargs: Any, path: str, unmade: nn.Module) -> Check:
    kind = type(unmade).__name__
    failure = Failure(path, kind, (), None, "", "AttributeError")
    run = Trace((), (), (), 0, 0, 0, 0, 0, None, "", "fake", failure=failure)
    reason = (
        f"{named(path, kind)} is no network yet: its __init__ has to call super().__init__() before all else"
    )
    return told(Case(model, as_call(inputs, kwargs), run), found(failure, reason, "unmade"), [])


def asked_by(data: Data) -> tuple[Widths, tuple[int, ...]]:
    """Return how many numbers a sample fit the data, or the shape of an answer for every step or pixel."""
    shape = shape_of_answer(data)
    if len(shape) > 1:
        return (), shape
    binary = data.kind == "classification" and data.outputs == 2
    return ((2, 1) if binary else shape), ()
