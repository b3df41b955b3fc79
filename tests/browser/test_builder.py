"""The builder in a real JupyterLab: the article's network mended and used, by mouse and by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from .conftest import MINUTES, Lab
from .test_explorer import CLEAR, PLACED, RUN, RUN_ALL, SAVE, SHUT_DOWN, THEME

pytestmark = pytest.mark.browser

LAYERS = (
    "nn.Conv2d(1, 32, 3)", "nn.ReLU()", "nn.Conv2d(32, 64, 3)", "nn.ReLU()", "nn.Dropout(0.25)",
    "nn.Flatten()", "nn.Linear(9216, 128)", "nn.ReLU()", "nn.Linear(128, 10)",
)  # fmt: skip
LOAD = "%load_ext nnarch_nb"
BUILD = "%nnarch build --input 1,28,28 --classes 10 --ui -o net"
PROVE = """
import torch
print("answers", tuple(net(torch.zeros(2, 1, 28, 28)).shape), "with", end=" ")
print(sum(p.numel() for p in net.parameters()))
"""
PROOF = "answers (2, 10) with 1199882"
RUN_BELOW = """async () => {
    const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
    const at = notebook.widgets.findIndex((cell) => cell.node.querySelector('.nnb'));
    notebook.activeCellIndex = at + 1;
    await app.commands.execute('notebook:run-cell');
}"""
SOURCES = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(
    (cell) => cell.model.sharedModel.getSource())"""
COUNT = """
from ipywidgets.widgets.widget import _instances
def count():
    return sum(type(widget).__name__ == "Builder" for widget in list(_instances.values()))
# The page says on a thread of its own that its view is gone.
import time
until = time.monotonic() + 30
while count() and time.monotonic() < until:
    time.sleep(0.05)
print("builders:", count())
"""


def opened(lab: Lab, page: Page, request: pytest.FixtureRequest, line: str = BUILD) -> Page:
    """Return a page with the builder in its last cell."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(cells=[new_code_cell(code) for code in (LOAD, line)], metadata=kernel)
    lab.open(page, lab.add(notebook, f"{request.node.name}.ipynb"))
    page.evaluate(RUN_ALL)
    expect(page.locator(".nnb-list")).to_be_visible(timeout=2 * MINUTES)
    return page


@pytest.fixture
def builder(lab: Lab, page: Page, request: pytest.FixtureRequest) -> Page:
    return opened(lab, page, request)


def row(page: Page, number: int) -> Locator:
    return page.locator(".nnb-row").nth(number)


def says(page: Page, words: str) -> None:
    expect(page.locator(".nnb-status")).to_contain_text(words, timeout=MINUTES)


def add(page: Page, text: str, rows: int) -> None:
    """Add a layer by the field; wait until there are so many rows."""
    page.locator(".nnb-search input").fill(text)
    page.locator(".nnb-search input").press("Enter")
    expect(page.locator(".nnb-row")).to_have_count(rows, timeout=MINUTES)


def drawn(page: Page) -> None:
    expect(page.locator(".nnb-figure:not(.nnb-old) svg")).to_be_visible(timeout=MINUTES)


def shoot(page: Page, path: Path) -> None:
    page.locator(".nnb").scroll_into_view_if_needed()
    page.locator(".nnb").screenshot(path=path)


def test_the_article_is_mended_and_runs(builder: Page, lab: Lab, screenshots: Path):
    page = builder
    # The static draft has made room, and the file keeps no widget that nobody could show.
    expect(page.locator(".jp-OutputArea .nn:visible")).to_have_count(0)
    for number, text in enumerate(LAYERS, 1):
        add(page, text, number)
    expect(row(page, 6)).to_contain_class("nnb-broken")
    expect(row(page, 6)).to_contain_text("gets (36864,) but has in_features=9216")
    expect(row(page, 5)).to_contain_text("36864")
    expect(row(page, 7)).to_contain_class("nnb-after")
    expect(page.locator(".nnb-words")).to_contain_text("nn.Linear(9216, 128)")
    expect(page.get_by_role("button", name="Insert code")).to_be_disabled()
    drawn(page)
    expect(page.locator(".nnb-figure")).to_contain_text("Linear")
    shoot(page, screenshots / "builder-broken.png")

    page.get_by_role("button", name="Insert nn.MaxPool2d(2) before nn.Dropout(0.25)").click()
    expect(page.locator(".nnb-row")).to_have_count(10, timeout=MINUTES)
    expect(page.locator(".nnb-words")).to_have_text("")
    expect(page.locator(".nnb-broken")).to_have_count(0)
    expect(page.locator(".nnb-sum")).to_contain_text("1,199,882 parameters")
    drawn(page)
    shoot(page, screenshots / "builder-light.png")

    page.get_by_role("button", name="Insert code").click()
    says(page, "The code is in the cell below.")
    assert "class Network(nn.Module)" in page.evaluate(SOURCES)[2]
    page.evaluate(RUN_BELOW)
    page.evaluate(RUN, PROVE)
    expect(page.get_by_text(PROOF)).to_have_count(1, timeout=MINUTES)

    page.get_by_role("button", name="Use as model").click()
    says(page, "The notebook has it as net in place of what had that name: 1,199,882 parameters.")
    page.evaluate(RUN, f"{PROVE}\nprint(type(net).__name__, net.shapes[-1])")
    expect(page.get_by_text("Sequence (10,)")).to_be_visible(timeout=MINUTES)
    page.get_by_role("button", name="Insert %%nnarch cell").click()
    expect(page.get_by_text("%%nnarch build -o net --input 1,28,28 --classes 10")).to_be_visible(
        timeout=MINUTES
    )
    page.evaluate(RUN_BELOW)
    page.evaluate(RUN, PROVE)
    expect(page.get_by_text(PROOF)).to_have_count(3, timeout=MINUTES)

    page.evaluate(THEME, "JupyterLab Dark")
    page.wait_for_function("() => document.body.dataset.jpThemeName === 'JupyterLab Dark'")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    shoot(page, screenshots / "builder-dark.png")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".nnb-broken")).to_have_count(1, timeout=MINUTES)
    drawn(page)
    shoot(page, screenshots / "builder-broken-dark.png")
    page.evaluate(THEME, "JupyterLab Light")


def test_by_keyboard(builder: Page, screenshots: Path):
    page = builder
    cells, press = page.locator(".jp-Cell").count(), page.keyboard.press
    field = page.locator(".nnb-search input")
    page.locator(".nnb-list").focus()
    press("a")
    expect(field).to_be_focused()
    for number, text in enumerate(LAYERS, 1):
        page.keyboard.type(text)
        press("Enter")
        expect(page.locator(".nnb-row")).to_have_count(number, timeout=MINUTES)
        expect(field).to_have_value("")
    press("Escape")
    expect(row(page, 8)).to_be_focused()
    # To the proposals: Tab over the acts of the chosen layer.
    for _ in range(6):
        press("Tab")
    expect(page.get_by_role("button", name="Insert nn.MaxPool2d(2)")).to_be_focused()
    press("Enter")
    expect(page.locator(".nnb-row")).to_have_count(10, timeout=MINUTES)
    expect(page.locator(".nnb-row:focus")).to_have_count(1)
    press("Home")
    press("ArrowDown")
    expect(row(page, 1)).to_be_focused()
    press("Alt+ArrowDown")
    expect(row(page, 2)).to_be_focused(timeout=MINUTES)
    expect(row(page, 2)).to_contain_text("nn.ReLU()")
    press("Control+z")
    expect(row(page, 1)).to_contain_text("nn.ReLU()", timeout=MINUTES)
    press("Home")
    press("Enter")
    page.keyboard.type("Conv2d(32,")
    press("Enter")
    says(page, "'(' was never closed")
    expect(page.locator(".nnb-field")).to_be_focused()
    page.keyboard.type(" 3)")
    press("Enter")
    expect(row(page, 0)).to_contain_text("Conv2d(32, 3)", timeout=MINUTES)
    expect(row(page, 0)).to_be_focused()
    press("End")
    press("Delete")
    expect(page.locator(".nnb-row")).to_have_count(9, timeout=MINUTES)
    expect(page.locator(".nnb-words")).to_contain_text("there are 10 classes")
    press("Control+z")
    expect(page.locator(".nnb-row")).to_have_count(10, timeout=MINUTES)
    press("Control+d")
    expect(page.locator(".nnb-row")).to_have_count(11, timeout=MINUTES)
    expect(row(page, 10)).to_contain_class("nnb-broken")
    shoot(page, screenshots / "builder-keyboard.png")
    press("Delete")
    expect(page.locator(".nnb-row")).to_have_count(10, timeout=MINUTES)
    # None of these keys was taken for a command of the notebook.
    assert page.locator(".jp-Cell").count() == cells
    page.get_by_role("button", name="Insert code").focus()
    press("Enter")
    says(page, "The code is in the cell below.")
    page.evaluate(RUN_BELOW)
    page.evaluate(RUN, PROVE)
    expect(page.get_by_text(PROOF)).to_be_visible(timeout=MINUTES)


def test_list_and_text_are_one(builder: Page, lab: Lab, screenshots: Path):
    page = builder
    page.locator(".nnb-bar select").select_option("resnet")
    expect(page.locator(".nnb-row").nth(20)).to_be_attached(timeout=MINUTES)
    says(page, "Wrote resnet")
    drawn(page)
    page.get_by_text("Text", exact=True).click()
    area = page.locator(".nnb textarea")
    assert "Residual(" in area.input_value()
    shoot(page, screenshots / "builder-family.png")
    area.fill(
        "block = [Conv2d(8, 3, padding=1), ReLU()]  # a part\nblock, Repeat(2, block)\nFlatten(), Linear(10)"
    )
    expect(page.locator(".nnb-row")).to_have_count(9, timeout=MINUTES)
    assert "# a part" in area.input_value()
    # A part is one definition: changed in one place, it is changed in all.
    row(page, 1).dblclick()
    page.locator(".nnb-field").fill("Conv2d(4, 5, padding=2)")
    page.locator(".nnb-field").press("Enter")
    expect(row(page, 5)).to_contain_text("Conv2d(4, 5, padding=2)", timeout=MINUTES)
    expect(area).to_have_value(
        "block = [Conv2d(4, 5, padding=2), ReLU()]\n\nblock\nRepeat(2, block)\nFlatten(), Linear(10)"
    )
    area.press_sequentially("(", delay=0)
    expect(page.locator(".nnb-words")).to_contain_text("was never closed", timeout=MINUTES)
    expect(page.locator(".nnb-stale")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".nnb-stale")).to_have_count(0, timeout=MINUTES)
    # Typed at once, letter by letter: the last text stands, whatever came of those before.
    area.fill("")
    area.press_sequentially("Flatten(), Linear(1000000000000), ReLU()", delay=0)
    expect(page.locator(".nnb-words")).to_contain_text("GiB but this machine has", timeout=MINUTES)
    expect(row(page, 1)).to_contain_class("nnb-broken")
    page.set_viewport_size({"width": 480, "height": 1000})
    page.wait_for_function("() => document.querySelector('.nnb').clientWidth < 420")
    shoot(page, screenshots / "builder-narrow.png")


def test_faster_than_the_kernel_answers(builder: Page):
    page, field = builder, builder.locator(".nnb-search input")
    field.focus()
    for text in LAYERS[:6]:
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # a field that is empty adds nothing
    page.keyboard.type("nn.Line")  # what is typed meanwhile stays
    expect(page.locator(".nnb-row code")).to_have_text(LAYERS[:6], timeout=MINUTES)
    expect(field).to_have_value("nn.Line")
    page.keyboard.type("ar(3 4)")
    page.keyboard.press("Enter")
    says(page, "column")
    expect(field).to_have_value("nn.Linear(3 4)")
    # Every press moves the same layer on.
    row(page, 0).click()
    for _ in range(4):
        page.keyboard.press("Alt+ArrowDown")
    moved = (*LAYERS[1:5], LAYERS[0], LAYERS[5])
    expect(page.locator(".nnb-row code")).to_have_text(moved, timeout=MINUTES)
    expect(row(page, 4)).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("End")  # who goes elsewhere meanwhile stays there
    page.keyboard.press("Enter")
    page.keyboard.type("Flatten(1)")
    expect(page.locator(".nnb-row code")).to_have_text(LAYERS[:5], timeout=MINUTES)
    expect(page.locator(".nnb-field")).to_have_value("Flatten(1)")
    page.keyboard.press("Enter")
    expect(page.locator(".nnb-row code")).to_have_text((*LAYERS[:5], "Flatten(1)"), timeout=MINUTES)
    add(page, "Linear(10)", 7)
    cells = page.locator(".jp-Cell").count()
    page.get_by_role("button", name="Insert code").dblclick()
    says(page, "The code is in the cell below.")
    page.get_by_role("button", name="Use as model").click()
    says(page, "The notebook has it as net")
    assert page.locator(".jp-Cell").count() == cells + 1


def test_what_is_left(builder: Page, lab: Lab, screenshots: Path):
    page = builder
    add(page, "flatten", 1)
    # A cell that runs does not keep it waiting; what needs the notebook waits for it.
    busy = page.evaluate_handle(f"() => ({{ran: ({RUN})('import time; time.sleep(600)')}})")
    add(page, "Linear(10)", 2)
    page.get_by_role("button", name="Use as model").click()
    says(page, "once no cell runs")
    add(page, "ReLU", 3)
    busy.dispose()
    page.evaluate(SHUT_DOWN)
    page.get_by_role("button", name="Undo").click()
    says(page, "The kernel is gone")
    page.wait_for_function(PLACED, timeout=MINUTES)
    page.evaluate(SAVE)
    name = page.url.rpartition("/tree/")[2].partition("?")[0]
    (static, widget) = nbformat.read(lab.notebooks / name, as_version=4).cells[1].outputs
    assert set(static.data) == {"text/html", "text/plain"}
    assert widget.data["application/vnd.jupyter.widget-view+json"]["model_id"] == ""
    lab.open(page, name)
    expect(page.locator(".jp-OutputArea .nn-title")).to_be_visible(timeout=MINUTES)
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(page.locator(".nnb")).to_have_count(0)
    page.screenshot(path=screenshots / "builder-reopened.png")


def test_gone_with_its_output(lab: Lab, page: Page, request: pytest.FixtureRequest):
    opened(lab, page, request, f"%%nnarch build --input 1,28,28 --ui\n{', '.join(LAYERS)}")
    expect(page.locator(".nnb-row")).to_have_count(9)
    expect(row(page, 6)).to_contain_class("nnb-broken")
    drawn(page)
    page.evaluate(CLEAR)
    expect(page.locator(".nnb")).to_have_count(0)
    page.evaluate(RUN, COUNT)
    expect(page.get_by_text("builders: 0")).to_be_visible(timeout=MINUTES)
