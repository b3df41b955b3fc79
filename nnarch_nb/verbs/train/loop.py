"""The training loop, and what surrounds it so that the network is left in order."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core import events
from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.device import device_of, memory_told, pick_device
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.probe import logits_in
from nnarch_nb.core.rng import generator, seeded
from nnarch_nb.core.stats import Share
from nnarch_nb.core.turns import LOCK
from nnarch_nb.verbs.data import as_data
from nnarch_nb.verbs.train.batches import shuffled
from nnarch_nb.verbs.train.best import Best, finite
from nnarch_nb.verbs.train.failures import told
from nnarch_nb.verbs.train.fitting import example, fitting_objective, require_samples, require_trainable
from nnarch_nb.verbs.train.measure import Measured, measure, rows_of
from nnarch_nb.verbs.train.modes import Modes
from nnarch_nb.verbs.train.objective import Objective
from nnarch_nb.verbs.train.optimizer import optimizer_for
from nnarch_nb.verbs.train.result import Epoch, Fit, Run, Score, Stopped
from nnarch_nb.verbs.train.settings import SCHEDULES, Settings
from nnarch_nb.verbs.train.standard import standardized

TICK = 0.25  # seconds between two looks at the loss: each look waits for the device


def run(model: Any, data: Any, settings: Settings) -> Run:
    """Train, measure, and leave the network with its best weights where it was."""
    model, data = as_network(model), as_data(data)
    device, name = pick_device(settings.device), name_of(model)
    require_trainable(model)
    require_samples(data)
    where = f"training {name} on {device} with batch_size={settings.batch_size}"
    half = max(1, settings.batch_size // 2)
    with (
        memory_told(where, f"try batch_size={half}"),
        seeded(settings.seed),
        at_work(model, device) as modes,
    ):
        few = example(data.train, min(2, settings.batch_size)).to(device)
        objective = fitting_objective(model, data, few, modes)
        with (
            standardized(model, data.train, objective, few) as (objective, layer),
            events.task("train", name, settings.epochs, "epoch") as task,
        ):
            result = Trainer(model, data, settings, objective, device, task, modes, layer).run()
            task.finish(result)
    return result


@contextmanager
def at_work(model: nn.Module, device: torch.device) -> Iterator[Modes]:
    """Have the network on the device and gradients on; then put it back in its place and mode."""
    home, modes = device_of(model), Modes(model)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            model.to(device)
            yield modes
    finally:
        modes.restore()
        model.zero_grad(set_to_none=True)
        model.to(home)


@dataclass
class Trainer:
    """One run under way."""

    model: nn.Module
    data: Data
    settings: Settings
    objective: Objective
    device: torch.device
    task: events.Task
    modes: Modes
    standardized: str = ""
    history: list[Epoch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started = self.looked = time.perf_counter()
        self.train, self.val = self.here(self.data.train), self.here(self.data.val)
        self.order = generator(self.settings.seed)
        self.optimizer = optimizer_for(self.model, self.settings)
        self.best = Best(self.model, self.settings.patience)
        self.rows = rows_of(self.objective.shape(self.data))

    def here(self, split: Split) -> Split:
        return Split(split.x.to(self.device), split.y.to(self.device))

    def run(self) -> Run:
        try:
            stopped = self.epochs()
        finally:  # after an error or a hard interrupt too, the weights are whole
            self.best.restore()
        return self.report(stopped)

    def epochs(self) -> Stopped:
        for number in range(1, self.settings.epochs + 1):
            record = self.epoch(number)
            if self.task.stopping and len(self.val) and self.best.epoch:
                return "interrupted"  # better weights are kept already: the epoch cut short is not needed
            if not self.close(record):
                return "nonfinite"
            if self.task.stopping:
                return "interrupted"
            if len(self.val) and self.best.given_up(number):
                return "early"
        return "finished"

    def epoch(self, number: int) -> Epoch:
        """Train on every batch once, or until asked to stop."""
        before, n = time.perf_counter(), 0
        # Summed on the device: a look at each loss would wait for it.
        total, judged = torch.zeros(2, dtype=sum_dtype(self.device), device=self.device)
        self.modes.train()
        for x, y in shuffled(self.train.x, self.train.y, self.settings.batch_size, self.order):
            self.set_rate((number - 1 + n / len(self.train)) / self.settings.epochs)
            loss = self.step(x, y)
            LOCK.give_way()  # to what a panel or another thread asks for meanwhile
            count = self.objective.judged(y)
            total.add_(loss, alpha=count) if isinstance(count, int) else total.add_(loss * count)
            judged.add_(count)
            n += len(y)
            share = n / len(self.train)
            if not self.alive(number - 1 + share, loss) or self.task.stopping:
                break
        return Epoch(number, float(total / judged), None, None, time.perf_counter() - before, share)

    def set_rate(self, done: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.lr * SCHEDULES[self.settings.schedule](done)

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        self.optimizer.zero_grad(set_to_none=True)
        with told(self.model, x):
            loss = self.objective.loss(logits_in(self.model(x)), y)
            loss.backward()
            self.optimizer.step()
        return loss.detach()

    def alive(self, done: float, loss: Tensor) -> bool:
        """Report now and then; return False once the loss is no longer a number."""
        if time.perf_counter() - self.looked < TICK:
            return True
        value = float(loss)
        self.task.advance(done, loss=value)
        self.looked = time.perf_counter()
        return math.isfinite(value)

    def close(self, record: Epoch) -> bool:
        """Validate, record and keep the epoch; return False if its loss or a weight is not finite."""
        loss, score = self.validated()
        if not (math.isfinite(record.train_loss) and math.isfinite(loss) and finite(self.model)):
            return False
        if len(self.val):
            record = replace(record, val_loss=loss, val_score=score)
        self.history.append(record)
        self.best.offer(record.epoch, record.val_loss)
        figures = {"train_loss": record.train_loss, "val_loss": record.val_loss}
        figures[f"val_{self.objective.metric}"] = record.val_score
        known = {name: value for name, value in figures.items() if value is not None}
        self.task.advance(record.epoch - 1 + record.share, completed=True, **known)
        return True

    def validated(self) -> tuple[float, float | None]:
        """Return loss and score of the present weights on the validation split.

        Without one, the loss on some training samples still tells whether the last step went astray.
        """
        few = Split(self.train.x[: self.rows], self.train.y[: self.rows])
        split = self.val if len(self.val) else few
        measured = measure(self.model, split, self.objective, self.rows)
        score = self.objective.score(measured.predicted, split.y)
        return measured.loss, score if math.isfinite(score) else None

    def report(self, stopped: Stopped) -> Run:
        split_name, split = self.data.held_out
        measured = measure(self.model, self.here(split), self.objective, self.rows)
        return Run(
            name=name_of(self.model),
            data_name=self.data.name,
            kind=self.data.kind,
            settings=asdict(self.settings),
            history=tuple(self.history),
            best_epoch=self.best.epoch,
            loss=self.objective.loss_name,
            metric=self.objective.metric,
            test=self.judged(measured, split),
            test_split=split_name,
            majority=self.objective.baseline(split.y),
            n_train=len(self.train),
            n_val=len(self.val),
            seconds=time.perf_counter() - self.started,
            device=str(self.device),
            stopped=stopped,
            like_probabilities=self.objective.like_probabilities(measured.predicted),
            standardized=self.standardized,
        )

    def judged(self, measured: Measured, split: Split) -> Share | Fit | Score | None:
        if not measured.sound:
            return None
        return self.objective.held_out(measured.predicted.cpu(), split.y.cpu(), self.settings.seed)


def sum_dtype(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64  # mps has no double
