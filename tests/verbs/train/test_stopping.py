"""Stopping: by a flag, by an interrupt, by two."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional

from nnarch_nb.core import events
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.train import loop, train

from .conftest import classes, net


@pytest.fixture(autouse=True)
def told_every_step(monkeypatch):
    monkeypatch.setattr(loop, "TICK", 0.0)


def test_progress_is_told_step_by_step(watcher):
    run = train(net(), classes(), epochs=2, batch_size=100)
    task = watcher.task
    assert (task.verb, task.subject, task.total, task.unit) == ("train", "Sequential", 2, "epoch")
    assert watcher.updates == pytest.approx([1 / 3, 2 / 3, 1, 1, 4 / 3, 5 / 3, 2, 2])
    assert watcher.results == [run]
    assert [set(unit) for unit in task.history] == [{"train_loss", "val_loss", "val_accuracy"}] * 2


def test_stopped_in_a_later_epoch_the_best_whole_one_is_kept(watcher):
    watcher.stop_at = 2.5
    model, points = net(), classes()
    run = train(model, points, epochs=9)
    assert (run.stopped, len(run.history), run.best_epoch) == ("interrupted", 2, 2)
    with torch.no_grad():
        loss = functional.cross_entropy(model.eval()(points.val.x), points.val.y)
    assert float(loss) == pytest.approx(run.best.val_loss, abs=1e-6)


def test_stopped_in_the_first_epoch_what_was_learned_is_kept(watcher):
    watcher.stop_at = 0.5
    run = train(net(), classes(), epochs=9, batch_size=50)
    (epoch,) = run.history
    assert (run.stopped, run.best_epoch, epoch.share) == ("interrupted", 1, 0.5)
    assert epoch.val_loss is not None


def test_stopped_without_validation_the_last_weights_are_kept(watcher):
    watcher.stop_at = 1.5
    run = train(net(), classes(val=0), epochs=9, batch_size=50)
    assert (run.stopped, run.best_epoch) == ("interrupted", 2)
    assert [epoch.share for epoch in run.history] == [1.0, 0.5]


def test_an_error_is_told_as_no_result(watcher):
    class Failing(nn.Linear):
        def forward(self, x):
            if len(x) > 2:
                raise ValueError("the user's own")
            return super().forward(x)

    with pytest.raises(NNArchError, match="the user's own"):
        train(Failing(4, 2), classes())
    assert watcher.results == [None]


CHILD = """
import json, sys, time, torch
from nnarch_nb.core import events
from nnarch_nb.verbs.train import train
tasks = []
events.listen(tasks.append)
torch.set_num_threads(1)
x = torch.randn(400, 4, generator=torch.Generator().manual_seed(0))
y = (x.sum(1) > 0).long()

class Slow(torch.nn.Linear):
    steps = 0
    def forward(self, x):
        if self.training:
            self.steps += 1
            time.sleep(0.002)
            if self.steps == 20:
                print("ready", flush=True)
        elif EVAL and tasks and tasks[0].stopping:
            print("measuring", flush=True)
            time.sleep(30)
        return super().forward(x)

EVAL = sys.argv[1] == "twice"
model = Slow(4, 2).eval()
data = (x[:300], y[:300], x[300:], y[300:])
try:
    run = train(model, data, epochs=100000, patience=0)
except KeyboardInterrupt:
    finite = bool(model.weight.isfinite().all())
    print(json.dumps({"raised": True, "training": model.training, "finite": finite}))
else:
    with torch.no_grad():
        loss = float(torch.nn.functional.cross_entropy(model(x[300:]), y[300:]))
    found = {"stopped": run.stopped, "epochs": len(run.history), "best": run.best.val_loss, "loss": loss}
    print(json.dumps(found))
"""


def child(how: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_an_interrupt_ends_the_run_in_order():
    with child("once") as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    found = json.loads(out)
    assert found["stopped"] == "interrupted"
    assert 1 <= found["epochs"] < 100000
    assert found["loss"] == pytest.approx(found["best"], abs=1e-6)
    assert not err


def test_a_second_interrupt_raises_and_leaves_the_network_whole():
    with child("twice") as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "measuring\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert json.loads(out) == {"raised": True, "training": False, "finite": True}


def test_no_listener_is_left_behind(watcher):
    train(net(), classes(), epochs=1)
    with events.task("train", "x", 1) as task:
        assert task.listener is watcher
