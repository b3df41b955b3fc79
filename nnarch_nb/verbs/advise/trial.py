"""The proposed network trained for a moment: as its line says, for as many epochs as there is time for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core import events
from nnarch_nb.core.data import Data
from nnarch_nb.core.device import pick_device
from nnarch_nb.core.events import Task
from nnarch_nb.core.probe import logits_in
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.advise.contest import Contest, scored
from nnarch_nb.verbs.advise.parts import Option, Trial
from nnarch_nb.verbs.advise.proposals import of_option
from nnarch_nb.verbs.train import train
from nnarch_nb.verbs.train.measure import measure
from nnarch_nb.verbs.train.objective import Objective

FEW = 2  # samples: the fewest that BatchNorm takes
TIMED = 3  # steps
WAIT = 1.0  # seconds, after which no further step is timed
BATCH = 64  # ``train``'s own
MARGIN = 0.85  # of the time left that is planned with


@dataclass
class Watch:
    """Hears the training, tells the task around it, and stops it when time is up."""

    outer: Task
    end: float
    late: bool = False

    def update(self, task: Task) -> None:
        self.outer.advance(self.outer.total - 1 + min(0.99, task.done / task.total), **task.figures)
        if time.perf_counter() > self.end:
            self.late = True
            task.stop.set()
        if self.outer.stopping:
            task.stop.set()

    def finish(self, task: Task, result: Any | None) -> None:
        if task.stopping and not self.late:
            self.outer.stop.set()


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Have nobody but the watch hear of tasks that begin within."""
    unlisten = events.listen(lambda task: watch)
    try:
        yield
    finally:
        unlisten()


def trial(option: Option, contest: Contest, seconds: float) -> tuple[Trial, Tensor | None]:
    """Train and measure the option's network; also return what is kept of its answers."""
    end, data, asked = time.perf_counter() + seconds, contest.arena.data, option.training["epochs"]
    unmeasured = Trial(epochs_proposed=asked)
    if not len(data.val):
        return replace(unmeasured, problem="there are no samples to measure on"), None
    if contest.task.stopping:
        return replace(unmeasured, problem="interrupted before"), None
    if seconds <= 0:
        return replace(unmeasured, problem="no time was left for it, give more --seconds"), None
    try:
        model = of_option(option, data, contest.seed)
        batch = option.training.get("batch_size", BATCH)
        one = epoch_seconds(model, data, contest.objective, batch, end - time.perf_counter())
        unmeasured = replace(unmeasured, epoch_seconds=one)
        epochs = min(asked, int(MARGIN * (end - time.perf_counter()) / one))
        if epochs < 1:
            return replace(unmeasured, problem=f"one epoch takes about {one:.0f} s"), None
        return trained(model, option, contest, epochs, Watch(contest.task, end), one)
    except NNArchError as error:
        return replace(unmeasured, problem=str(error)), None


def trained(
    model: nn.Module, option: Option, contest: Contest, epochs: int, watch: Watch, one: float
) -> tuple[Trial, Tensor | None]:
    data, objective, before = contest.arena.data, contest.objective, time.perf_counter()
    with watched(watch):
        run = train(model, data, **{**option.training, "epochs": epochs}, seed=contest.seed)
    spent = time.perf_counter() - before
    found = Trial(
        epochs=len(run.history),
        epochs_proposed=option.training["epochs"],
        seconds=spent,
        epoch_seconds=one,
        stopped="time" if watch.late else run.stopped,
    )
    if not run.best_epoch:
        return replace(found, problem=f"training ended before an epoch was complete ({found.stopped})"), None
    measured = measure(model, data.val, objective)
    if not measured.sound:
        return replace(found, problem="an answer is NaN or infinite"), None
    score = scored(objective, measured.predicted, data.val.y, contest.seed)
    return replace(found, score=score), measured.predicted


def epoch_seconds(model: nn.Module, data: Data, objective: Objective, batch: int, left: float) -> float:
    """Return about how long one pass over the training split takes, from some steps of a copy.

    Steps on few samples come first: where these show that a whole batch takes all the time left, none is
    tried, and the time is an upper bound, as large batches are worked on faster.
    """
    device = pick_device("auto")
    copy = deepcopy(model).to(device).train()
    x, y = data.train.x[:batch].to(device), data.train.y[:batch].to(device)
    few = [step_seconds(copy, objective, x[:FEW], y[:FEW]) for _ in range(2)][1]
    least = few * len(x) / min(FEW, len(x))
    times = [] if least > left else [step_seconds(copy, objective, x, y)]
    while times and len(times) < TIMED and sum(times) < min(WAIT, left / 4):
        times.append(step_seconds(copy, objective, x, y))
    validation = 1 + len(data.val) / (3 * len(data.train))  # a forward run is a third of a step
    return (min(times) if times else least) * -(-len(data.train) // batch) * validation


def step_seconds(model: nn.Module, objective: Objective, x: Tensor, y: Tensor) -> float:
    before = time.perf_counter()
    with torch.enable_grad():
        loss = objective.loss(logits_in(model(x)), y)
        loss.backward()
    float(loss.detach())  # waits for the device
    return time.perf_counter() - before
