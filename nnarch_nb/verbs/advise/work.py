"""The course of ``advise``: read, propose, measure, compare."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from nnarch_nb.core import events
from nnarch_nb.core.data import Data
from nnarch_nb.core.rng import seeded
from nnarch_nb.verbs.advise import rules
from nnarch_nb.verbs.advise.arena import Arena, arena
from nnarch_nb.verbs.advise.baselines import entries
from nnarch_nb.verbs.advise.contest import Contest
from nnarch_nb.verbs.advise.facts import Facts, facts_of
from nnarch_nb.verbs.advise.parts import Budget, Option
from nnarch_nb.verbs.advise.proposals import DATA, proposals
from nnarch_nb.verbs.advise.record import Advice
from nnarch_nb.verbs.advise.trial import trial
from nnarch_nb.verbs.advise.verdict import verdict
from nnarch_nb.verbs.data import as_data, word
from nnarch_nb.verbs.train.objective import objective_for

FOR_BASELINES = 0.4  # of the time


def advice(source: Any, seconds: float, seed: int, called: str | None = None) -> Advice:
    """Return what to build for the data, and the simple models beside it."""
    started = time.perf_counter()
    data = as_data(source, called or "df")
    facts = facts_of(data)
    loading, name = named(source, called)
    options, place = proposals(data, facts, name), arena(data, seed)
    objective = objective_for(place.data, data.outputs)
    speaking = rules.for_baseline(facts)
    with seeded(seed), events.task("advise", data.name, len(entries(facts)) + 1, "model") as task:
        load_guests()
        measuring = time.perf_counter()
        contest = Contest(place, facts, objective, task, seed)
        entrants = contest.run(FOR_BASELINES * seconds)
        left = seconds - (time.perf_counter() - measuring)
        tried, predicted = trial(options[0], contest, left)
        decided = verdict(entrants, predicted, objective, place.val.y, speaking, seed)
        result = Advice(
            name=data.name,
            kind=data.kind,
            form=facts.form,
            described=described(facts),
            n_train=len(place.train),
            n_val=len(place.val),
            options=tuple(options),
            baselines=tuple(entrant.baseline for entrant in entrants),
            trial=tried,
            verdict=decided,
            for_baseline=speaking,
            budget=budget(facts, options[0]),
            seconds=time.perf_counter() - started,
            seconds_asked=seconds,
            held_out=place.words,
            notes=notes(data, facts, place),
            stopped=task.stopping,
            seed=seed,
            data_line=loading,
        )
        task.finish(result)
    return result


def load_guests() -> None:
    """Import what the simple models use before the clock runs: it takes seconds on a busy machine."""
    import scipy.sparse  # type: ignore[import-untyped]  # noqa: F401
    import sklearn.decomposition
    import sklearn.ensemble
    import sklearn.feature_extraction.text
    import sklearn.linear_model  # noqa: F401


def named(source: Any, called: str | None) -> tuple[str, str]:
    """Return the line that makes a ``Data`` of what was given, if it is none yet, and what it is called then.

    Examples
    --------
    >>> named("iris", None), named("my file.csv", None)
    (('%nnarch data iris -o data', 'data'), ("%nnarch data 'my file.csv' -o data", 'data'))
    >>> named(None, None), named(None, "frame")
    (('', 'data'), ('%nnarch data frame -o data', 'data'))
    """
    if isinstance(source, Data):
        return "", word(called or DATA)
    given = called or (str(source) if isinstance(source, (str, Path)) else "")
    return f"%nnarch data {word(given)} -o {DATA}" if given else "", DATA


def described(facts: Facts) -> str:
    what = {
        "classification": "{n} classes",
        "regression": "regression of {n} number{s}",
        "multi-label": "{n} labels",
        "next-token": "the next of {n} tokens",
        "segmentation": "a class of {n} for each pixel",
        "reconstruction": "reconstruction",
    }[facts.kind]
    return what.format(n=f"{facts.outputs:,}", s="" if facts.outputs == 1 else "s")


def budget(facts: Facts, option: Option) -> Budget:
    memorise = round(2 * facts.n + facts.values)
    return Budget(facts.n, facts.numbers, option.params or 0, memorise, option.tables)


def notes(data: Data, facts: Facts, place: Arena) -> tuple[str, ...]:
    """Return what a reader should know of the data behind the figures."""
    found = []
    if facts.missing:
        found.append(f"{classes(facts.missing)} no training sample, so no model can answer it")
    if data.kind == "classification" and len(place.val):
        absent = len(data.classes) - facts.missing - len(place.val.y.unique())
        if absent > 0:
            found.append(f"{classes(absent)} no validation sample, so nothing is measured on it")
        if facts.smallest < 10:
            found.append(f"the rarest class has {facts.smallest} training samples")
    if data.forecast is not None:
        found.append("windows overlap, so the intervals are too narrow")
    return tuple(found)


def classes(count: int) -> str:
    return "1 class has" if count == 1 else f"{count} classes have"
