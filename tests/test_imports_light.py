"""What costs a second to import is imported where it is used: help and Tab must not wait for torch."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import nnarch_nb

HEAVY = {"torch", "captum", "matplotlib", "pandas", "sklearn", "numpy", "scipy", "torchinfo", "pygraphviz"}
NOTEBOOK = {"IPython", "ipywidgets", "anywidget", "jinja2", "cyclopts"}
VERB_MODULES = [value.split(":")[0] for value in nnarch_nb.VERBS.values()]

RESOLVE = """
import typing
for place in nnarch_nb.VERBS.values():
    module, name = place.split(":")
    typing.get_type_hints(getattr(sys.modules[module], name), include_extras=True)
"""
LOAD = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "nnarch_nb")
shell.run_line_magic("nnarch", "summary --help")
shell.complete("%nnarch summ")
"""


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that ``code`` brings into a fresh interpreter."""
    script = (
        f"import sys, json\n{code}\nprint()\nprint(json.dumps([name.split('.')[0] for name in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_package_alone_is_almost_nothing():
    assert not loaded_by("import nnarch_nb; dir(nnarch_nb)") & (HEAVY | NOTEBOOK)


def test_all_signatures_together_need_nothing_heavy():
    imports = "\n".join(f"import {module}" for module in ["nnarch_nb", *VERB_MODULES])
    assert not loaded_by(imports + RESOLVE) & (HEAVY | NOTEBOOK)


@pytest.mark.parametrize("module", VERB_MODULES)
def test_each_verb_module_is_light(module):
    assert not loaded_by(f"import {module}") & HEAVY


def test_loading_help_and_completion_are_light():
    # A plain IPython shell may bring some of these itself; only what we add counts.
    bare = loaded_by(
        "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.instance()"
    )
    assert not (loaded_by(LOAD) - bare) & HEAVY
