"""One thread at a time where a process has one of a thing: the random generators, a network under a look.

A plain lock would keep the panels of a notebook waiting for as long as a training takes. So whoever works
long gives way between two steps. Who comes in between is done before it goes on, and puts back what it
changed, so that each finds the generators as it left them and the same seed gives the same answer.
"""

from __future__ import annotations

import threading
from types import TracebackType

PATIENCE = 0.05  # seconds between two looks at whether those who came are done


class Turns:
    """A lock that a thread may take again while it has it, and may lend to those who wait for it."""

    def __init__(self) -> None:
        self._turn = threading.Condition(threading.RLock())
        self._counting = threading.Lock()
        self._waiting = 0
        self._lent: list[object] = []

    def __enter__(self) -> None:
        if self._turn.acquire(blocking=False):
            return
        self._count(1)
        try:
            self._turn.acquire()
        finally:
            self._count(-1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._turn.notify_all()
        self._turn.release()

    def give_way(self) -> None:
        """Let those go first who wait; costs nothing where nobody does. Only for the thread whose turn it is.

        Who lent last goes on first: those who came later have put the generators back by then.
        """
        if not self._waiting:
            return
        me = object()
        self._lent.append(me)
        try:
            while self._waiting or self._lent[-1] is not me:
                self._turn.wait(PATIENCE)
        finally:
            self._lent.remove(me)

    def _count(self, more: int) -> None:
        with self._counting:
            self._waiting += more


LOCK = Turns()
