"""The quickstart in a terminal, tried on a small notebook; the real one runs in the browser tests."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nnarch_nb import quickstart

SHOW = "from IPython.display import HTML; HTML('<b class=shown>seen &amp; kept</b>')"


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a notebook of these cells in the quickstart's place and stand in an empty folder."""
    folder, here = tmp_path / "my notebooks", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)

    def write(*cells) -> Path:
        path = folder / "quickstart.ipynb"
        stale = [nbformat.v4.new_output("stream", text="stale output")]
        for cell in cells:
            if cell.cell_type == "code":
                cell.outputs = stale
        nbformat.write(new_notebook(cells=list(cells)), path)
        monkeypatch.setattr(quickstart, "notebook_path", lambda: path)
        return path

    return write


def test_runs_every_cell_and_ends_with_the_opening_line(notebook, capfd):
    path = notebook(
        new_markdown_cell("# Quickstart\nwords\n## Look at it"),
        new_code_cell(SHOW),
        new_code_cell("import sys\nprint(sys.executable)"),
    )
    assert quickstart.main([]) == 0
    captured = capfd.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert re.match(r"  1/2  Look at it +\d+\.\d s$", lines[0])
    assert re.match(r"  2/2  import sys +\d+\.\d s$", lines[1])
    assert shlex.split(lines[-1])[1:] == ["lab", str(path)]
    page = Path("nnarch-quickstart.html").read_text()
    assert '<b class="shown">seen &amp; kept</b>' in page
    assert quickstart.sys.executable in page, "the kernel is another interpreter"
    assert "stale output" not in page


def test_the_page_needs_nothing_but_itself(notebook):
    notebook(new_markdown_cell("words"), new_code_cell(SHOW))
    assert quickstart.main(["--output", "deep/er/page.html"]) == 0
    page = Path("deep/er/page.html").read_text()
    assert "<script" not in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#)", page)
    assert "@import" not in page
    assert "prefers-color-scheme:dark" in page


def test_a_failing_cell_is_named_and_the_page_still_written(notebook, capsys):
    notebook(new_code_cell("1"), new_code_cell("1 / 0"), new_code_cell("print('never')"))
    assert quickstart.main([]) == 1
    captured = capsys.readouterr()
    assert captured.err == "nnarch_nb: cell 2 (1 / 0) failed: ZeroDivisionError: division by zero\n"
    assert "ZeroDivisionError" in Path("nnarch-quickstart.html").read_text()
    assert "jupyter" not in captured.out


def test_a_dying_kernel_is_one_line(notebook, capsys):
    notebook(new_code_cell("import os\nos._exit(3)"))
    assert quickstart.main([]) == 1
    assert capsys.readouterr().err.startswith("nnarch_nb: cell 1 (import os) failed: its kernel ended")


@pytest.mark.parametrize(
    ("output", "why"), [(".", "it is a folder"), ("/proc/none/page.html", "No such file or directory")]
)
def test_where_it_cannot_write_it_does_not_start(notebook, capsys, output, why):
    notebook(new_code_cell("1"))
    assert quickstart.main(["--output", output]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert why in captured.err


def test_without_the_jupyter_parts_it_says_how_to_get_them(notebook, capsys, monkeypatch):
    monkeypatch.setattr(quickstart, "find_spec", lambda name: None if name == "nbclient" else object())
    notebook(new_code_cell("1"))
    assert quickstart.main([]) == 1
    assert "needs nbclient; install with" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", '{"cells": [', None])
def test_a_damaged_notebook_is_one_line(notebook, capsys, content):
    path = notebook()
    path.unlink() if content is None else path.write_text(content)
    assert quickstart.main([]) == 1
    error = capsys.readouterr().err
    assert error.startswith("nnarch_nb: cannot read ")
    assert error.count("\n") == 1


def test_help_names_its_option(capsys):
    with pytest.raises(SystemExit) as ended:
        quickstart.main(["--help"])
    assert ended.value.code == 0
    assert "--output PATH" in capsys.readouterr().out
