"""The live panel in a real JupyterLab: it shows itself, its button stops the cell, its result stays."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from .conftest import MINUTES, Lab

pytestmark = pytest.mark.browser

RUN_ALL = """async () => {
    const app = window.jupyterapp, panel = app.shell.currentWidget;
    await panel.sessionContext.ready;
    await app.commands.execute('notebook:run-all-cells');
}"""
SAVE = "async () => { await window.jupyterapp.shell.currentWidget.context.save(); }"

SETUP = """
%load_ext nnarch_nb
import time, torch
torch.set_num_threads(1)
class Slow(torch.nn.Sequential):
    def forward(self, x):
        time.sleep(.005)
        return super().forward(x)
model = Slow(torch.nn.Flatten(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
"""


def test_the_button_stops_the_cell_and_the_result_stays(lab: Lab, page: Page, screenshots: Path):
    cells = [SETUP, "run = %nnarch train model digits --epochs 10000 --patience 0", "run.stopped"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=kernel)
    name = lab.add(notebook, "live.ipynb")
    lab.open(page, name)
    done = page.evaluate_handle(f"() => ({{ran: ({RUN_ALL})()}})")
    button = page.get_by_role("button", name="Stop after this step")
    expect(button).to_be_visible(timeout=2 * MINUTES)
    expect(page.locator(".jp-OutputArea .nn polyline")).to_have_count(3, timeout=MINUTES)
    page.screenshot(path=screenshots / "live-panel.png")
    button.click()
    page.evaluate("async (run) => { await run.ran; }", done)
    page.evaluate(SAVE)
    page.screenshot(path=screenshots / "live-result.png")
    expect(button).to_have_count(0)
    expect(page.locator(".jp-OutputArea .nn-title")).to_have_count(1)
    _, live, after = nbformat.read(lab.notebooks / name, as_version=4).cells
    (output,) = live.outputs
    assert set(output.data) == {"text/html", "text/plain", "image/png"}
    assert after.outputs[0].data["text/plain"] == "'interrupted'"
