"""How long work tells of itself, without knowing who listens.

A verb opens a ``task`` and reports its steps; whoever was set by ``listen`` shows them: a live panel
in a notebook, a line in a terminal, nobody in a test. The task also carries the stop flag, so a
button, an interrupt and a loop meet in one place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from nnarch_nb.core.interrupts import deferred_interrupt


@dataclass
class Task:
    """A piece of work under way.

    Attributes
    ----------
    verb, subject, unit
        What is done (``train``), to what (``SimpleCNN``), counted in what (``epoch``).
    total
        How many units there are; ``done`` of them (a fraction counts a part of one).
    figures
        The newest numbers by name, such as ``{"loss": 0.31}``.
    history
        The figures of every completed unit, in order.
    stop
        Set it to end the work after its current step.
    """

    verb: str
    subject: str
    total: float
    unit: str = "step"
    done: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)
    listener: Listener | None = None

    @property
    def stopping(self) -> bool:
        return self.stop.is_set()

    @property
    def seconds(self) -> float:
        """How long the work has taken so far."""
        return time.monotonic() - self.started

    @property
    def seconds_left(self) -> float | None:
        """The time still needed at the pace so far; None before the first step."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None

    def advance(self, done: float, completed: bool = False, **figures: Any) -> None:
        """Say how far the work is; ``completed`` also adds the figures to the history."""
        self.done = done
        self.figures |= figures
        if completed:
            self.history.append(dict(figures))
        if self.listener is not None:
            self.listener.update(self)

    def finish(self, result: Any) -> None:
        """Hand the result to the listener, which may show it in the panel's place."""
        listener, self.listener = self.listener, None
        if listener is not None:
            listener.finish(self, result)


class Listener(Protocol):
    """Shows one task; it decides how often."""

    def update(self, task: Task) -> None: ...
    def finish(self, task: Task, result: Any | None) -> None: ...


Factory = Callable[[Task], "Listener | None"]
_factories: list[Factory] = []


def listen(factory: Factory, fallback: bool = False) -> Callable[[], None]:
    """Let ``factory(task)`` make the listener of every task from now on; return how to undo it.

    Parameters
    ----------
    factory
        The newest one is asked; None from it means that nobody listens.
    fallback
        Ask it only when no other is set.
    """
    _factories.insert(0 if fallback else len(_factories), factory)
    return lambda: _factories.remove(factory)


@contextmanager
def task(verb: str, subject: str, total: float, unit: str = "step", heard: bool = True) -> Iterator[Task]:
    """Open a task that can be interrupted; the newest listener shows it where it is to be heard."""
    work = Task(verb, subject, total, unit)
    work.listener = _factories[-1](work) if _factories and heard else None
    try:
        with deferred_interrupt(work.stop):
            yield work
    finally:
        work.finish(None)  # heard only when the work ended without a result
