"""The simple models measured, within the time given.

How many samples a model is fitted to follows from an estimate of its cost, so that it is the same on every
machine; the clock then stops what takes longer all the same, and the record says how far it came.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nnarch_nb.core.data import Split
from nnarch_nb.core.events import Task
from nnarch_nb.core.stats import Share
from nnarch_nb.verbs.advise.arena import Arena, fewer, in_order
from nnarch_nb.verbs.advise.baselines import Entry, Learner, dense, entries
from nnarch_nb.verbs.advise.baselines.features import named
from nnarch_nb.verbs.advise.facts import Facts
from nnarch_nb.verbs.advise.parts import Baseline, Score
from nnarch_nb.verbs.train.measure import rows_of
from nnarch_nb.verbs.train.objective import Objective
from nnarch_nb.verbs.train.result import Fit

MOMENT = 0.05  # seconds, with which nothing can be begun
LEAST = 500  # samples, below which a subsample tells too little


@dataclass(frozen=True)
class Entrant:
    """A model that took part: its record, and what is kept of its answers on the validation samples."""

    baseline: Baseline
    predicted: Tensor | None = None


@dataclass(frozen=True)
class Contest:
    """What all models share."""

    arena: Arena
    facts: Facts
    objective: Objective
    task: Task
    seed: int

    def run(self, seconds: float) -> list[Entrant]:
        """Measure every model that suits the data; the time left is shared by those still to come."""
        todo, found = entries(self.facts), []
        end = time.perf_counter() + seconds
        for place, entry in enumerate(todo):
            self.task.advance(place)
            costly = sum(other.cost(self.facts, 1) > 0 for other in todo[place:])
            left = max(0.0, end - time.perf_counter())
            found.append(self.entrant(entry, left / max(1, costly), free=seconds == 0))
        return found

    def entrant(self, entry: Entry, seconds: float, free: bool) -> Entrant:
        """Fit and measure one model, or say why not."""
        record = Baseline(entry.name, self.how(entry), entry.naive)
        n = affordable(entry, self.facts, len(self.arena.train), seconds)
        problem = self.problem(entry, n, seconds, free)
        if problem:
            return Entrant(replace(record, problem=problem))
        train = fewer(self.arena.train, n, self.seed, in_order(self.arena.data))
        before = time.perf_counter()
        learner = entry.make(self.arena.data)
        progress = self.fitted(learner, train, before + seconds)
        if not entry.enough(learner):
            return Entrant(replace(record, problem=f"had time for {progress}, too few to judge it by"))
        predicted = self.predicted(learner)
        record = replace(
            record,
            score=self.score(predicted),
            seconds=time.perf_counter() - before,
            n_train=n,
            progress=progress,
        )
        return Entrant(record, predicted)

    def problem(self, entry: Entry, n: int, seconds: float, free: bool) -> str:
        """Return why there is nothing to measure; nothing where there is."""
        if not len(self.arena.val):
            return "there are no samples to measure on"
        if self.task.stopping:
            return "interrupted before"
        if entry.cost(self.facts, 1) == 0:
            return ""
        if free:
            return "no time was given"
        if seconds < MOMENT:
            return "no time was left"
        if n < min(LEAST, len(self.arena.train)):
            return f"would take about {entry.cost(self.facts, len(self.arena.train)):,.0f} s, by estimate"
        return ""

    def how(self, entry: Entry) -> str:
        count = dense.components(self.facts.shape, self.facts.n)
        return entry.how.format(form=named(self.facts.form, self.facts.forecast), components=count)

    def fitted(self, learner: Learner, train: Split, end: float) -> str:
        """Let the model learn until it is done or time is up; return how far it came."""
        before, progress = time.perf_counter(), ""
        for told in learner.steps(train):
            progress, now = told, time.perf_counter()
            # The next step takes about as long as all before it.
            if self.task.stopping or now + (now - before) > end:
                break
        return progress

    def predicted(self, learner: Learner) -> Tensor:
        """Return what is kept of the model's answers, asked in parts: a language model's are large."""
        val = self.arena.val
        rows = rows_of(tuple(learner.answer(val.x[:1]).shape[1:]))
        parts = zip(val.x.split(rows), val.y.split(rows), strict=True)
        return torch.cat([self.objective.predicted(learner.answer(x), y) for x, y in parts])

    def score(self, predicted: Tensor) -> Score:
        return scored(self.objective, predicted, self.arena.val.y, self.seed)


def affordable(entry: Entry, facts: Facts, n: int, seconds: float) -> int:
    """Return how many of the samples the model can be fitted to in that time, by its estimated cost."""
    while n > 1 and entry.cost(facts, n) > max(seconds, 1e-9):
        n = int(n * 0.8)
    return n


def scored(objective: Objective, predicted: Tensor, y: Tensor, seed: int) -> Score:
    """Return the objective's first figure, whatever the kind of data."""
    found = objective.held_out(predicted, y, seed)
    if isinstance(found, Share):
        return Score("accuracy", found.value, found.low, found.high, found.n, share=True)
    if isinstance(found, Fit):
        return Score("R²", found.r2.value, found.r2.low, found.r2.high, found.n, share=False)
    name, estimate = next(iter(found.figures.items()))
    return Score(name, estimate.value, estimate.low, estimate.high, found.n, share=name != "R²")
