"""Tab in a real JupyterLab: verbs, then the networks that live in the notebook."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SETUP = "import torch\nclassifier = torch.nn.Linear(2, 2)\nclassified = 3\n%load_ext nnarch_nb"
RUN_SETUP = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.sessionContext.ready;
    panel.content.activeCellIndex = 1;
    await window.jupyterapp.commands.execute('notebook:run-all-above');
}"""
TYPE = """line => {
    const notebook = window.jupyterapp.shell.currentWidget.content, cell = notebook.activeCell;
    cell.model.sharedModel.setSource(line);
    notebook.mode = 'edit';
    cell.editor.setCursorPosition({line: 0, column: line.length});
    cell.editor.focus();
}"""
SOURCE = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()"
ANSWERED = f"line => ({SOURCE})() !== line || document.querySelector('.jp-Completer-item')?.checkVisibility()"


@pytest.fixture
def press_tab(lab, page: Page):
    """Return what Tab offers after a line: the words of the menu, or the one that was put in."""
    nb = new_notebook(cells=[new_code_cell(SETUP), new_code_cell("")])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    lab.open(page, lab.add(nb, "completion.ipynb"))
    page.evaluate(RUN_SETUP)

    def press(line: str) -> list[str]:
        page.evaluate(TYPE, line)
        page.keyboard.press("Tab")
        page.wait_for_function(ANSWERED, arg=line)
        put_in = page.evaluate(SOURCE).split()[-1]
        return page.locator(".jp-Completer-match").all_inner_texts() or [put_in]

    return press


def test_tab_knows_verbs_networks_and_options(press_tab):
    assert press_tab("%nnarch summ") == ["summary"]
    offered = press_tab("%nnarch summary class")
    assert "classifier" in offered
    assert "classified" not in offered, "a number is no network"
