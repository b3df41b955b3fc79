from __future__ import annotations

import math

import pytest

from nnarch_nb.core.events import Task
from nnarch_nb.views.live.curves import MOST, Curves, horizon, nice, path


def task_with(*units: dict) -> Task:
    task = Task("train", "net", total=10, unit="epoch")
    for n, unit in enumerate(units, 1):
        task.advance(n, completed=True, **unit)
    return task


def test_no_loss_no_charts():
    assert Curves().charts(task_with({"eps": 0.1})) == []


def test_loss_and_score_are_drawn():
    task = task_with({"train_loss": 2.0, "val_loss": 1.8, "val_accuracy": 0.5})
    curves = Curves()
    task.advance(1.5, loss=1.2)
    curves.hear(task)
    loss, score = curves.charts(task)
    assert [line.name for line in loss.lines] == ["train", "validation"]
    assert [line.dashed for line in loss.lines] == [False, True]
    assert (loss.name, score.name) == ("loss", "accuracy")
    assert [label for _, label in loss.grid] == ["0", "1", "2"]
    assert [label for _, label in score.grid] == ["0 %", "50 %", "100 %"]
    assert loss.alt == "loss: train 1.2, validation 1.8"


def test_a_loss_that_is_no_number_is_left_out():
    task = task_with({"val_loss": math.nan, "val_r2": math.nan})
    task.advance(1, loss=math.inf)
    curves = Curves()
    curves.hear(task)
    assert not any(chart.lines for chart in curves.charts(task))


def test_long_runs_are_thinned():
    task, curves = Task("train", "net", total=10_000), Curves()
    for n in range(10_000):
        task.advance(n, loss=1.0)
        curves.hear(task)
    assert MOST / 3 < len(curves.batches) <= MOST
    assert curves.batches[-1][0] > 9_900


@pytest.mark.parametrize(
    ("values", "top"), [([0.04], 0.05), ([1e-9], 1e-9), ([7], 8), ([1e6], 1e6), ([-3], 1), ([], 1)]
)
def test_the_axis_ends_at_a_round_number(values, top):
    assert nice(values) == pytest.approx(top)


def test_points_stay_inside_the_drawing():
    numbers = [float(n) for n in path([(0, 0), (10, 5), (5, -100)], 10, 1).replace(",", " ").split()]
    assert all(0 <= n <= 400 for n in numbers)


@pytest.mark.parametrize(("done", "total", "end"), [(0, 10, 1), (2, 10, 10), (4, 10_000, 8), (0.01, 1, 1)])
def test_the_axis_is_near_while_little_is_done(done, total, end):
    assert horizon(Task("train", "net", total=total, done=done)) == pytest.approx(end)
