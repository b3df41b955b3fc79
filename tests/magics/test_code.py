"""``--code``: the source goes into the next cell, once, and is taken by it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture
def cells(shell, monkeypatch):
    """What was put into a next cell."""
    put: list[str] = []
    monkeypatch.setattr(shell, "set_next_input", lambda text, replace=False: put.append(text))
    from nnarch_nb import magics

    magics.load(shell)  # which looks the method up
    return put


def run(shell, cell):
    outcome = shell.run_cell(cell)
    outcome.raise_error()
    return outcome.result


@pytest.mark.parametrize(
    "cell",
    [
        "%nnarch build 'Linear(4), ReLU()' 3 --name Tiny --code -o model",
        "%%nnarch build --input 3 --name Tiny --code -o model\nLinear(4)\nReLU()",
    ],
)
def test_the_next_cell_makes_the_same_network(shell, cells, cell):
    run(shell, cell)
    model = shell.user_ns["model"]
    assert cells == [model.to_python()]
    run(shell, cells[0])
    made = run(shell, "Tiny()")
    assert list(made.state_dict()) == list(model.state_dict())


def test_without_the_option_no_cell_is_added(shell, cells):
    run(shell, "%nnarch build 'Linear(4), ReLU()' 3")
    run(shell, "%nnarch build 'Linear(4), ReLU()' 3 --no-code")
    assert cells == []


def test_a_new_cell_is_added_and_none_replaced(shell):
    """What JupyterLab makes a cell of is the payload; the line that asked stays."""
    run(shell, "%nnarch build 'Linear(4)' 3 --name Tiny --code")
    assert shell.rl_next_input == shell.run_cell("_.to_python()").result


def test_unloading_leaves_no_listener(shell):
    from nnarch_nb import magics
    from nnarch_nb.core import code

    before = len(code._shows)
    magics.unload(shell)
    assert len(code._shows) == before - 1


def test_a_script_shows_it():
    script = "import nnarch_nb; nnarch_nb.build('Linear(4)', (3,), name='Tiny', code=True)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("import torch\n")
    assert "class Tiny(nn.Module):" in done.stdout
