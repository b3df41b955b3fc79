from __future__ import annotations

import pytest

from nnarch_nb.core import events


class Recorder:
    def __init__(self) -> None:
        self.heard: list = []

    def update(self, task: events.Task) -> None:
        self.heard.append((task.done, dict(task.figures)))

    def finish(self, task: events.Task, result: object) -> None:
        self.heard.append(result)


@pytest.fixture
def recorder():
    recorder = Recorder()
    undo = events.listen(lambda task: recorder)
    yield recorder
    undo()


def test_a_listener_hears_the_steps_and_the_result(recorder):
    with events.task("train", "net", total=2, unit="epoch") as task:
        task.advance(0.5, loss=2.0)
        task.advance(1, completed=True, val_loss=1.0)
        task.finish("run")
    assert recorder.heard == [(0.5, {"loss": 2.0}), (1, {"loss": 2.0, "val_loss": 1.0}), "run"]
    assert task.history == [{"val_loss": 1.0}]


def test_a_task_without_a_result_is_finished_with_none(recorder):
    with pytest.raises(ValueError, match="no"), events.task("train", "net", total=2):
        raise ValueError("no")
    assert recorder.heard == [None]


def test_a_listener_that_fails_at_the_end_is_not_asked_again(recorder):
    def finish(task, result):
        recorder.heard.append(result)
        raise RuntimeError("cannot draw")

    recorder.finish = finish
    with pytest.raises(RuntimeError, match="cannot draw"), events.task("train", "net", total=2) as task:
        task.finish("run")
    assert recorder.heard == ["run"]


def test_without_a_listener_a_task_is_silent():
    with events.task("train", "net", total=2) as task:
        task.advance(1, loss=1.0)
        task.finish("run")
    assert task.listener is None


def test_the_newest_listener_is_asked_and_a_fallback_only_alone(recorder):
    other = Recorder()
    undo = events.listen(lambda task: other, fallback=True)
    with events.task("train", "net", total=1) as task:
        assert task.listener is recorder
    undo()
    undo = events.listen(lambda task: None)
    with events.task("train", "net", total=1) as task:
        assert task.listener is None
    undo()


def test_the_time_left_follows_the_pace():
    task = events.Task("train", "net", total=4)
    assert task.seconds_left is None
    task.started -= 10
    task.advance(1)
    assert task.seconds_left == pytest.approx(30, rel=0.01)
    task.advance(4)
    assert task.seconds_left == 0


def test_stopping_is_seen():
    with events.task("train", "net", total=1) as task:
        assert not task.stopping
        task.stop.set()
        assert task.stopping
