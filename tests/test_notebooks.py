"""Stored notebooks are fit to be read: run in order, without errors, light, and of no one machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
PAGE = 40_000  # characters of an answer's html: its table, its picture and the picture's fallback
WHOLE = 64_000  # with the picture and the text for hosts that show no html
OF_ONE_MACHINE = re.compile(r"/root/|/home/|/tmp/|/work/|\b[A-Z]:\\|site-packages|\b0x[0-9a-f]{8,}")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request: pytest.FixtureRequest) -> list[nbformat.NotebookNode]:
    nb = nbformat.read(request.param, as_version=4)
    nbformat.validate(nb)
    assert "widgets" not in nb.metadata, "saved widget state: an answer must not need it"
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def test_they_were_run_from_top_to_bottom(cells):
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_no_answer_is_an_error_or_a_warning(cells):
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output for output in outputs if output.get("name") == "stderr"] == []


def test_each_answer_is_light(cells):
    pages = {cell.source: [len("".join(page)) for page in pages_of(cell)] for cell in cells}
    assert {source: sizes for source, sizes in pages.items() if max(sizes, default=0) > PAGE} == {}
    whole = {cell.source: sum(len(json.dumps(output)) for output in cell.outputs) for cell in cells}
    assert {source: size for source, size in whole.items() if size > WHOLE} == {}


def pages_of(cell):
    return [output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})]


def test_nothing_in_them_is_of_one_machine(cells):
    stored = (json.dumps(output) for cell in cells for output in cell.outputs)
    assert [match[0] for match in map(OF_ONE_MACHINE.search, stored) if match] == []
