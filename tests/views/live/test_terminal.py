"""The line on a terminal, and silence where there is none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
termios = pytest.importorskip("termios", reason="needs a pseudo-terminal")

CODE = """
import time
import nnarch_nb
nnarch_nb.train  # the first verb asked for turns the line on
from nnarch_nb.core import events
try:
    with events.task("train", "net", 4, "epoch") as task:
        for n in range(4):
            time.sleep(SLEEP)
            task.advance(n + 1, loss=0.5)
        FAIL
        task.finish("run")
except ZeroDivisionError:
    pass
"""


def seen(code: str, terminal: bool = True) -> str:
    """Return what a script writes on standard error."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    error = theirs if terminal else subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stderr=error, stdout=subprocess.PIPE) as process:
        os.close(theirs)
        text = b"" if terminal else process.communicate()[1]
        while terminal:
            try:
                text += os.read(ours, 4096)
            except OSError:  # the other end has closed
                break
    os.close(ours)
    assert process.returncode == 0
    return text.decode()


def test_a_line_on_a_terminal():
    line = seen(CODE.replace("SLEEP", "0.15").replace("FAIL", "pass"))
    assert "train net: 100% |" in line
    assert "4/4 epoch [" in line
    assert "loss=0.5" in line
    assert line.endswith("\n")


def test_work_that_ends_without_a_result_says_so():
    assert "stopped" in seen(CODE.replace("SLEEP", "0.15").replace("FAIL", "1 / 0"))


def test_short_work_shows_nothing():
    assert seen(CODE.replace("SLEEP", "0").replace("FAIL", "pass")) == ""


def test_without_a_terminal_nothing_is_written():
    assert seen(CODE.replace("SLEEP", "0.15").replace("FAIL", "pass"), terminal=False) == ""
