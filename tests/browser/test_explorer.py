"""The graph explorer in a real JupyterLab, by mouse and by keyboard, and what is left when it is gone."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from .conftest import MINUTES, Lab

pytestmark = pytest.mark.browser

RUN_ALL = """async () => {
    const app = window.jupyterapp, panel = app.shell.currentWidget;
    await panel.sessionContext.ready;
    await app.commands.execute('notebook:run-all-cells');
}"""
SAVE = "async () => { await window.jupyterapp.shell.currentWidget.context.save(); }"
RUN = """async (source) => {
    const app = window.jupyterapp, panel = app.shell.currentWidget, cells = panel.content.widgets.length;
    panel.content.model.sharedModel.insertCell(cells, {cell_type: 'code', source});
    panel.content.activeCellIndex = cells;
    await app.commands.execute('notebook:run-cell');
}"""
CLEAR = "async () => { await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs'); }"
COUNT = """
from ipywidgets.widgets.widget import _instances
print("explorers:", sum(type(widget).__name__ == "Explorer" for widget in _instances.values()))
"""
# Whether an output refers to no widget any more: the page has told the kernel, and that has answered.
PLACED = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.some(
    (cell) => (cell.toJSON().outputs ?? []).some(
        ({data}) => data?.['application/vnd.jupyter.widget-view+json']?.model_id === ''))"""
SHUT_DOWN = "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
THEME = (
    "async (name) => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}); }"
)
COPIED = "() => navigator.clipboard.readText()"

NETWORK = """
%load_ext nnarch_nb
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.act = nn.LayerNorm(8), nn.GELU()
        self.up, self.down = nn.Linear(8, 16), nn.Linear(16, 8)
    def forward(self, x):
        return x + self.down(self.act(self.up(self.norm(x))))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Linear(4, 8), nn.Linear(8, 2)
        self.blocks = nn.ModuleList(Block() for _ in range(6))
    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)
model = Net()
"""
EXPLORE = "%nnarch graph model 4 --explore -o g"


@pytest.fixture
def explored(lab: Lab, page: Page, request: pytest.FixtureRequest) -> Page:
    """A page with the explorer of a small network in its last cell."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(cells=[new_code_cell(code) for code in (NETWORK, EXPLORE)], metadata=kernel)
    lab.open(page, lab.add(notebook, f"{request.node.name}.ipynb"))
    page.evaluate(RUN_ALL)
    expect(page.locator(".nnx-stage .nn-node").first).to_be_visible(timeout=2 * MINUTES)
    return page


def part(page: Page, path: str, kind: str = "node") -> Locator:
    return page.locator(f'.nnx-stage .nn-{kind}[data-path="{path}"]')


def output_of(lab: Lab, page: Page) -> list[dict]:
    """Return the outputs of the last cell as the file holds them."""
    page.evaluate(SAVE)
    name = page.url.rpartition("/tree/")[2].partition("?")[0]
    return [output.data for output in nbformat.read(lab.notebooks / name, as_version=4).cells[-1].outputs]


def seen(page: Page) -> list[float]:
    """Return the part of the picture that is seen: left, top, width, height."""
    box = page.locator(".nnx-stage > svg").get_attribute("viewBox")
    return [float(number) for number in box.split()]


def says(page: Page, words: str) -> None:
    expect(page.locator(".nnx-status")).to_have_text(words, timeout=MINUTES)


def test_by_mouse(explored: Page, lab: Lab, screenshots: Path):
    page = explored
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # Once: the static picture has made room. The file keeps it, and no widget that nobody could show.
    expect(page.locator(".jp-OutputArea figure:visible")).to_have_count(0)
    expect(page.locator(".nnx-stage")).to_have_count(1)
    page.wait_for_function(PLACED, timeout=MINUTES)
    static, widget = output_of(lab, page)
    assert set(static) == {"text/html", "text/plain", "image/png"}
    assert widget["application/vnd.jupyter.widget-view+json"]["model_id"] == ""
    expect(page.locator(".nnx-stage")).to_be_visible()

    part(page, "blocks.0.up").hover()
    card = page.locator(".nnx-card")
    expect(card).to_contain_text("blocks.0.up")
    expect(card).to_contain_text("144")
    page.screenshot(path=screenshots / "explorer-card.png")
    part(page, "blocks.0.up").click()
    says(page, "Copied blocks.0.up")
    assert page.evaluate(COPIED) == "blocks.0.up"

    page.get_by_role("button", name="Layers", exact=True).click()
    chosen = page.locator('.nnx-tree [aria-selected="true"]')
    expect(chosen).to_have_attribute("data-path", "blocks.0.up")
    page.locator('.nnx-tree [data-path="head"]').click()
    expect(part(page, "head")).to_contain_class("nnx-chosen")
    # What is drawn by its first copy leads there.
    page.locator('.nnx-tree [data-path="blocks.3"]').click()
    expect(part(page, "blocks.0", "frame")).to_contain_class("nnx-chosen")
    says(page, "blocks.3 is drawn in blocks 0–5: Block ×6")
    page.screenshot(path=screenshots / "explorer-layers.png")

    before = part(page, "blocks.0", "frame").locator("rect").first.bounding_box()
    page.locator(".nnx-hold .nnx-badge").click()
    folded = part(page, "blocks.0")
    expect(folded).to_have_attribute("aria-expanded", "false", timeout=MINUTES)
    after = folded.locator("rect").first.bounding_box()
    assert abs(after["x"] - before["x"]) < 3
    assert abs(after["y"] - before["y"]) < 3
    folded.click()
    page.get_by_role("button", name="Draw all 6").click(timeout=MINUTES)
    expect(part(page, "blocks.5.up")).to_have_count(1, timeout=MINUTES)

    page.get_by_role("button", name="Fit").click()
    whole = seen(page)
    page.locator(".nnx-stage").hover()
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "w => document.querySelector('.nnx-stage > svg').viewBox.baseVal.width < w", arg=whole[2]
    )
    near = seen(page)
    x, y = middle_of(page.locator(".nnx-stage"))
    page.mouse.move(x + 150, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 40, steps=4)
    page.mouse.up()
    assert seen(page)[0] > near[0]
    assert seen(page)[1] < near[1]
    page.evaluate(THEME, "JupyterLab Dark")
    page.wait_for_function("() => document.body.dataset.jpThemeName === 'JupyterLab Dark'")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.screenshot(path=screenshots / "explorer-dark.png")
    page.evaluate(THEME, "JupyterLab Light")


def middle_of(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_by_keyboard(explored: Page, screenshots: Path):
    page = explored
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    cells = page.locator(".jp-Cell").count()
    press = page.keyboard.press
    page.locator(".nnx-find input").focus()
    page.keyboard.type("linear")
    expect(page.locator(".nnx-count")).to_have_text("1 of 4")
    press("Enter")
    expect(page.locator(".nnx-count")).to_have_text("2 of 4")
    expect(part(page, "blocks.0.up")).to_contain_class("nnx-chosen nnx-found")
    page.screenshot(path=screenshots / "explorer-found.png")
    press("Escape")
    expect(page.locator(".nnx-stage")).to_be_focused()
    at = seen(page)
    press("ArrowDown")
    assert seen(page)[1] > at[1]
    press("Enter")
    press("Home")
    press("ArrowDown")
    expect(part(page, "embed")).to_be_focused()
    press("ArrowDown")
    expect(part(page, "blocks.0.norm")).to_be_focused()
    press("c")
    expect(page.locator(".nnx-status")).to_contain_text("press Ctrl+C")
    assert page.evaluate("() => getSelection().toString()") == "blocks.0.norm"
    press("Escape")
    expect(part(page, "blocks.0", "frame")).to_be_focused()
    press("Enter")
    expect(part(page, "blocks.0")).to_be_focused(timeout=MINUTES)
    press("Enter")
    expect(part(page, "blocks.0", "frame")).to_be_focused(timeout=MINUTES)
    page.screenshot(path=screenshots / "explorer-keyboard.png")
    press("Tab")
    press("/")
    expect(page.locator(".nnx-find input")).to_be_focused()
    press("Escape")
    zoomed = seen(page)
    press("+")
    assert seen(page)[2] < zoomed[2]
    press("0")
    keys = page.get_by_role("button", name="Keys", exact=True)
    keys.press("Enter")
    expect(page.locator(".nnx-keys")).to_contain_text("copy the path")
    keys.press("Enter")
    expect(page.locator(".nnx-keys")).to_be_hidden()
    page.locator(".nnx-stage").focus()
    # None of these keys was taken for a command of the notebook.
    assert page.locator(".jp-Cell").count() == cells
    expect(page.locator(".nnx-stage")).to_be_focused()


def in_sight(page: Page) -> int:
    """Return how many boxes are on the stage."""
    return page.evaluate(
        """() => {
            const stage = document.querySelector('.nnx-stage').getBoundingClientRect();
            const boxes = [...document.querySelectorAll('.nnx-stage .nn-node')];
            return boxes.map((box) => box.getBoundingClientRect()).filter((box) =>
                box.bottom > stage.top && box.top < stage.bottom && box.right > stage.left &&
                box.left < stage.right).length;
        }"""
    )


def test_there_is_always_something_to_see(explored: Page):
    page = explored
    at_first, stage, detail = seen(page), page.locator(".nnx-stage"), page.locator(".nnx-detail")
    part(page, "blocks.0", "frame").focus()
    detail.get_by_role("button", name="Draw all 6").click()
    expect(part(page, "blocks.5.up")).to_have_count(1, timeout=MINUTES)
    # Far below, where nothing is after it: the whole again, as it was at first.
    stage.focus()
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Reset").click()
    expect(part(page, "blocks.5.up")).to_have_count(0, timeout=MINUTES)
    assert seen(page)[1] == pytest.approx(at_first[1], abs=2)
    assert in_sight(page) == stage.locator(".nn-node").count()
    # A copy that is drawn no more leads to the one that is drawn for it.
    part(page, "blocks.0", "frame").focus()
    detail.get_by_role("button", name="Draw all 6").click()
    expect(part(page, "blocks.5.up")).to_have_count(1, timeout=MINUTES)
    stage.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    part(page, "blocks.4", "frame").evaluate("frame => frame.focus({preventScroll: true})")
    detail.get_by_role("button", name="Draw alike ones once").click()
    expect(part(page, "blocks.0", "frame")).to_contain_class("nnx-chosen", timeout=MINUTES)
    assert in_sight(page) > 1
    # Nothing found: nothing of an earlier choice is left to be taken for it.
    page.locator(".nnx-find input").fill("up blocks")
    expect(page.locator(".nnx-count")).to_have_text("1 of 1")
    page.locator(".nnx-find input").fill("up nowhere")
    expect(page.locator(".nnx-count")).to_have_text("none")
    expect(page.locator(".nnx-chosen")).to_have_count(0)
    expect(detail).to_contain_text("Click a box")


def test_a_button_let_go_outside_ends_the_drag(explored: Page):
    page = explored
    page.locator(".nnx-bar").scroll_into_view_if_needed()
    box = page.locator(".nnx-stage").bounding_box()
    left, y = box["x"], box["y"] + 60
    page.mouse.move(left + 5, y)
    page.mouse.down()
    page.mouse.move(left - 40, y, steps=3)
    page.mouse.up()
    at = seen(page)
    page.mouse.move(left + 60, y, steps=3)
    assert seen(page) == at
    # A view that nobody has moved fits the width that there is; this one keeps its middle.
    page.get_by_role("button", name="Fit").click()
    page.set_viewport_size({"width": 420, "height": 900})
    page.wait_for_function(f"() => document.querySelector('.nnx-stage').clientWidth < {box['width']} - 300")
    page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    assert in_sight(page) == page.locator(".nnx-stage .nn-node").count()


def test_several_in_one_cell_with_any_name(explored: Page, screenshots: Path):
    page = explored
    source = """
        net = nn.Sequential()
        net.add_module("bell\\x07 half\\ud800 层", nn.Linear(4, 2))
        import nnarch_nb
        display(g.explore())
        display(nnarch_nb.graph(net, (4,), explore=True))
        g.explore()
    """
    page.evaluate(RUN, cleandoc(source))
    expect(page.locator(".nnx-stage > svg")).to_have_count(4, timeout=MINUTES)
    expect(page.locator(".jp-OutputArea figure:visible")).to_have_count(0)
    expect(page.locator(".nnx-stage").nth(2)).to_contain_text("bell\ufffd half\ufffd")
    expect(page.get_by_text("UserWarning")).to_have_count(0)
    page.screenshot(path=screenshots / "explorer-several.png")


def test_gone_with_its_output(explored: Page, lab: Lab):
    page = explored
    page.evaluate(CLEAR)
    expect(page.locator(".nnx")).to_have_count(0)
    page.evaluate(RUN, COUNT)
    expect(page.get_by_text("explorers: 0")).to_be_visible(timeout=MINUTES)


def test_what_is_left(explored: Page, lab: Lab, screenshots: Path):
    page = explored
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # A cell that runs does not keep it waiting.
    busy = page.evaluate_handle(f"() => ({{ran: ({RUN})('import time; time.sleep(600)')}})")
    page.locator(".nnx-hold .nnx-badge").click()
    expect(part(page, "blocks.0")).to_have_attribute("aria-expanded", "false", timeout=MINUTES)
    part(page, "blocks.0").click()
    expect(part(page, "blocks.0", "frame")).to_have_count(1, timeout=MINUTES)
    busy.dispose()
    page.evaluate(SHUT_DOWN)
    part(page, "head").hover()
    expect(page.locator(".nnx-card")).to_contain_text("head")
    page.locator(".nnx-hold .nnx-badge").click()
    expect(page.locator(".nnx-status")).to_contain_text("The kernel is gone", timeout=MINUTES)
    at = seen(page)
    page.get_by_role("button", name="Zoom in").click()
    assert seen(page)[2] < at[2]
    page.screenshot(path=screenshots / "explorer-without-kernel.png")
    page.evaluate(SAVE)
    assert all(url.startswith((lab.url, "data:", "blob:")) for url in asked)
    page.set_viewport_size({"width": 700, "height": 900})
    name = page.url.rpartition("/tree/")[2].partition("?")[0]
    lab.open(page, name)
    expect(page.locator(".jp-OutputArea figure")).to_be_visible(timeout=MINUTES)
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(page.locator(".nnx")).to_have_count(0)
    page.screenshot(path=screenshots / "explorer-reopened.png")
