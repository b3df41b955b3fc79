"""The work of ``compare``: trace each network, time them in turns, then let their inputs grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from nnarch_nb.core import events
from nnarch_nb.core.device import device_of
from nnarch_nb.core.trace.memory import kept_for_backward
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.compare.family import family_of
from nnarch_nb.verbs.compare.growth import growth_of
from nnarch_nb.verbs.compare.latency import latencies
from nnarch_nb.verbs.compare.networks import for_each, named
from nnarch_nb.verbs.compare.options import Options
from nnarch_nb.verbs.compare.result import NOT_REACHED, Compared, Comparison
from nnarch_nb.verbs.compare.subject import Subject, subject_of, why_not

STEPS = 3  # of each network: its trace, its latency, its growth


def comparison(models: Any, inputs: Any, kwargs: Any, options: Options) -> Comparison:
    """Return what was measured, all or up to an interrupt."""
    networks = named(models)
    names = list(networks)
    given = for_each(inputs, names, "inputs")
    more = for_each(kwargs, names, "kwargs")
    with events.task("compare", shorten(", ".join(names)), STEPS * len(names), "step") as task:
        rows, subjects = traced(networks, given, more, options, task)
        rows = timed(rows, subjects, options, task)
        rows = grown(rows, subjects, options, task)
        result = Comparison(
            tuple(rows.values()), options.batch_size, options.training, torch.get_num_threads(), task.stopping
        )
        task.finish(result)
    return result


def traced(
    networks: Mapping[str, nn.Module],
    given: Mapping[str, Any],
    more: Mapping[str, Any],
    options: Options,
    task: events.Task,
) -> tuple[dict[str, Compared], dict[str, Subject]]:
    """Return a row for each network, and those networks that run.

    Raises
    ------
    NNArchError
        None of them does.
    """
    rows: dict[str, Compared] = {}
    subjects: dict[str, Subject] = {}
    for name, model in networks.items():
        kind = type(model).__name__
        if task.stopping:
            rows[name] = Compared(name, kind, problem=NOT_REACHED)
            continue
        try:
            subject = subject_of(model, given[name], more[name], options)
        except NNArchError as error:
            rows[name] = Compared(name, kind, problem=why_not(model, given[name], more[name], error))
        else:
            subjects[name], rows[name] = subject, figures(name, kind, subject)
        task.advance(task.done + 1)
    if not subjects:
        raise NNArchError("; ".join(f"{row.name}: {row.problem}" for row in rows.values()))
    return rows, subjects


def figures(name: str, kind: str, subject: Subject) -> Compared:
    run = subject.run
    kept = kept_for_backward(subject.model, subject.call)
    unkept = (f"No memory kept for backward: {kept.note}",) if kept.bytes is None else ()
    return Compared(
        name=name,
        kind=kind,
        family=family_of(subject.model, run),
        given=str(subject.call),
        params=run.params,
        trainable=run.trainable,
        weights_bytes=run.weights_bytes,
        macs=run.macs,
        peak_bytes=run.peak_activation_bytes,
        kept_bytes=kept.bytes,
        device=str(device_of(subject.model)),
        mode=run.mode,
        uncounted=run.uncounted,
        notes=tuple(dict.fromkeys((*run.notes, *unkept))),
    )


def timed(
    rows: dict[str, Compared], subjects: Mapping[str, Subject], options: Options, task: events.Task
) -> dict[str, Compared]:
    if not options.repeats:
        return rows
    pairs = {name: (subject.model, subject.call) for name, subject in subjects.items()}
    found, why = latencies(pairs, options, task)
    for name in subjects:
        notes = (f"No latency: {why[name]}.",) if name in why else ()
        rows[name] = replace(rows[name], latency=found.get(name), notes=(*rows[name].notes, *notes))
    return rows


def grown(
    rows: dict[str, Compared], subjects: Mapping[str, Subject], options: Options, task: events.Task
) -> dict[str, Compared]:
    for name, subject in subjects.items() if options.dimensions else ():
        if task.stopping:
            break
        found = growth_of(subject, options.dimensions, options.training, lambda: task.stopping)
        notes = found.notes
        if found.fixed and not notes and options.grow != "auto":
            notes = (f"Its input has no {options.grow} that may grow.",)
        fixed = found.fixed and (options.grow == "auto" or bool(found.notes))
        more = (*rows[name].notes, *notes)
        rows[name] = replace(rows[name], growth=found.growth, fixed=fixed, untold=found.untold, notes=more)
        task.advance(task.done + 1)
    return rows
