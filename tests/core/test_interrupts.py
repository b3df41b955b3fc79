from __future__ import annotations

import signal
import threading

import pytest

from nnarch_nb.core.interrupts import deferred_interrupt, whole_end


def test_the_first_interrupt_sets_the_flag_and_the_second_raises():
    flag = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    with deferred_interrupt(flag):
        assert not flag.is_set()
        signal.raise_signal(signal.SIGINT)
        assert flag.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_after_a_button_raises():
    flag = threading.Event()
    flag.set()
    with pytest.raises(KeyboardInterrupt), deferred_interrupt(flag):
        signal.raise_signal(signal.SIGINT)


def test_the_handler_returns_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="no"), deferred_interrupt(threading.Event()):
        raise ValueError("no")
    assert signal.getsignal(signal.SIGINT) is before


def test_on_another_thread_no_handler_is_set():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with deferred_interrupt(threading.Event()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def ended(done: list[str], *interrupts: str) -> None:
    """Work and put back, each interrupted if named."""
    with whole_end() as hold:
        try:
            for part in ("work", "put back"):
                if part == "put back":
                    hold()
                if part in interrupts:
                    signal.raise_signal(signal.SIGINT)
                done.append(part)
        except KeyboardInterrupt:
            hold()
            done.append("put back after all")
            raise


def test_an_interrupt_waits_for_a_whole_end():
    before, done = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt):
        ended(done, "put back")
    assert done == ["work", "put back"]
    assert signal.getsignal(signal.SIGINT) is before


def test_before_its_end_an_interrupt_does_not_wait():
    done = []
    with pytest.raises(KeyboardInterrupt):
        ended(done, "work")
    assert done == ["put back after all"]
