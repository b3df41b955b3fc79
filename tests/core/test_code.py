"""Code goes to the newest listener, to the fallback where there is no other, else to nobody."""

from __future__ import annotations

import pytest

from nnarch_nb.core import code


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    monkeypatch.setattr(code, "_shows", [])


def test_without_a_listener_nothing_happens(capsys):
    assert not code.offer("import torch")
    assert capsys.readouterr() == ("", "")


def test_the_newest_listener_is_told():
    first, second = [], []
    code.listen(first.append)
    undo = code.listen(second.append)
    assert code.offer("a")
    undo()
    assert code.offer("b")
    assert (first, second) == (["b"], ["a"])


def test_a_fallback_waits_for_all_others_to_go():
    notebook, terminal = [], []
    undo = code.listen(notebook.append)
    code.listen(terminal.append, fallback=True)
    code.offer("a")
    undo()
    code.offer("b")
    assert (notebook, terminal) == (["a"], ["b"])
