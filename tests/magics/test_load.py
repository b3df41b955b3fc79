"""Loading adds, unloading leaves IPython as it was."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nnarch_nb import magics
from nnarch_nb.core import events
from nnarch_nb.views import theme


def state(shell):
    """Return what loading may change."""
    return (
        {kind: set(table) for kind, table in shell.magics_manager.magics.items()},
        list(shell.Completer.custom_matchers),
        list(shell.configurables),
        {name: list(callbacks) for name, callbacks in shell.events.callbacks.items()},
        list(events._factories),
        set(shell.user_ns),
        list(shell.input_transformers_cleanup),
        list(shell.ast_transformers),
        theme._active,
    )


def test_unloading_leaves_ipython_as_it_was(bare):
    bare.run_line_magic("config", "IPCompleter.use_jedi")  # IPython loads its own %config when first asked
    before = state(bare)
    magics.load(bare)
    assert state(bare) != before
    bare.run_line_magic("config", "NNArch.palette = 'tol-bright'")
    magics.unload(bare)
    assert state(bare) == before


def test_loading_twice_is_loading_once(bare):
    before = state(bare)
    magics.load(bare)
    once = state(bare)
    magics.load(bare)
    again = state(bare)
    assert [len(part) for part in again] == [len(part) for part in once]
    magics.unload(bare)
    magics.unload(bare)
    assert state(bare) == before


def test_the_extension_loads_reloads_and_unloads(bare):
    before = state(bare)
    for magic in ("load_ext", "reload_ext", "reload_ext"):
        bare.run_line_magic(magic, "nnarch_nb")
        assert bare.find_line_magic("nnarch")
    bare.run_line_magic("unload_ext", "nnarch_nb")
    assert state(bare) == before
    assert bare.find_line_magic("nnarch") is None


def test_a_wrong_setting_does_not_keep_it_from_loading(bare):
    magics.load(bare)
    bare.run_line_magic("config", "NNArch.seed = 'no number'")
    magics.load(bare)
    magics.unload(bare)


def test_the_question_mark_is_answered_by_the_docstrings(toys):
    shown = toys.inspector._get_info(toys.find_line_magic("nnarch"), "%nnarch")["text/plain"]
    assert "Paint a network" in shown


@pytest.mark.skipif(os.name != "posix", reason="drives a terminal IPython by its command line")
def test_a_mistake_is_one_line_in_a_terminal(tmp_path):
    code = "%load_ext nnarch_nb\n%nnarch sumary model 1,28,28\nprint('went on')\n"
    run = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=nocolor", "--simple-prompt", "--no-banner"],
        input=code,
        capture_output=True,
        text=True,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        check=True,
    )
    lines = [line for line in run.stdout.splitlines() if "Error" in line]
    assert len(lines) == 1, run.stdout
    assert "NNArchError: no verb is called 'sumary'. Did you mean `summary`?" in lines[0]
    assert "Traceback" not in run.stdout + run.stderr
    assert "went on" in run.stdout
