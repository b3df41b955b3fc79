"""The quickstart as a person meets it: run in JupyterLab, opened again without a kernel, exported."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
RUN_ALL_AND_SAVE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.sessionContext.ready;
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
    await panel.context.save();
}"""
CHANGE_THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
# Where the last cell ends, below the top of the window.
BOTTOM = (
    "Math.max(...[...document.querySelectorAll('.jp-Cell')].map(cell => cell.getBoundingClientRect().bottom))"
)
TRUSTED = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code').map(cell => cell.model.trusted)"""
# Of each picture in the outputs: is the drawing seen, is the image, and what is read aloud.
PICTURES = """() => [...document.querySelectorAll('figure')].map(figure => {
    const seen = element => !!element && element.checkVisibility() && element.clientWidth > 20;
    const image = figure.querySelector('img');
    return {
        drawn: seen(figure.querySelector('svg')),
        image: seen(image) && image.complete && image.naturalWidth > 0,
        alt: image ? image.alt : '',
    };
})"""


# Samples and maps stand as images in tables.
IMAGES_IN_TABLES = """() => [...document.querySelectorAll('.jp-OutputArea-output table img')]
    .map(image => image.checkVisibility() && image.complete && image.naturalWidth > 0 && image.alt !== '')"""


def html_of(nb: nbformat.NotebookNode) -> list[str]:
    outputs = (output for cell in nb.cells for output in cell.get("outputs", []))
    return [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]


@pytest.fixture(scope="module")
def played(lab, browser: Browser) -> nbformat.NotebookNode:
    """Return the quickstart as JupyterLab saved it after running all its cells."""
    name = lab.add(NOTEBOOK, "quickstart.ipynb")
    page = browser.new_page()
    lab.open(page, name)
    page.evaluate(RUN_ALL_AND_SAVE)
    page.close()
    return nbformat.read(lab.notebooks / name, as_version=4)


def test_every_cell_runs_without_an_error_or_a_warning(played):
    cells = [cell for cell in played.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert html_of(played)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_screenshot(lab, page: Page, played, screenshots, theme):
    lab.open(page, lab.add(played, "shown.ipynb", trusted=True))
    page.evaluate(CHANGE_THEME, theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    page.set_viewport_size({"width": 1200, "height": int(page.evaluate(BOTTOM)) + 60})
    page.wait_for_function(f"{BOTTOM} < innerHeight")
    path = screenshots / f"quickstart-{theme.split()[-1].lower()}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 50_000


@pytest.fixture(params=["signed", "unsigned"])
def reopened(request: pytest.FixtureRequest, lab, page: Page, played) -> tuple[bool, Page]:
    """Open the saved notebook where its kernel is gone; return whether it is trusted, and the page."""
    trusted = request.param == "signed"
    nb = nbformat.from_dict(played)
    nb.metadata["title"] = request.param  # a signature is of the content: the two must differ
    # By name or language another kernel would be found; this one is asked for.
    nb.metadata.update(kernelspec={"name": "gone", "display_name": "gone"}, language_info={"name": "gone"})
    lab.open(page, lab.add(nb, f"{request.param}.ipynb", trusted))
    page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
    page.wait_for_selector(".jp-Dialog", state="detached")
    return trusted, page


def test_without_a_kernel_every_picture_is_seen_once(reopened, played):
    trusted, page = reopened
    assert set(page.evaluate(TRUSTED)) == {trusted}
    pictures = page.evaluate(PICTURES)
    assert len(pictures) == sum(html.count("<figure") for html in html_of(played)) > 0
    assert [picture for picture in pictures if picture["drawn"] == picture["image"]] == []
    assert all(picture["alt"] for picture in pictures)
    if not trusted:
        assert not any(picture["drawn"] for picture in pictures)


def test_without_a_kernel_samples_and_maps_are_seen(reopened, screenshots):
    trusted, page = reopened
    images = page.evaluate(IMAGES_IN_TABLES)
    assert images
    assert all(images)
    page.set_viewport_size({"width": 1200, "height": int(page.evaluate(BOTTOM)) + 60})
    page.screenshot(path=screenshots / f"reopened-{'signed' if trusted else 'unsigned'}.png")


def test_without_a_kernel_no_widget_is_missed(reopened):
    _, page = reopened
    assert "Error displaying widget" not in page.inner_text(".jp-Notebook")
    assert "nn-" not in page.inner_text(".jp-Notebook"), "a style sheet shows as text"


@pytest.mark.parametrize("sanitized", [False, True])
def test_an_export_shows_its_pictures(page: Page, played, tmp_path, sanitized):
    # The sanitizer of nbconvert shows most of html as text: there the picture of the bundle is taken, or
    # the text, as the README says.
    order = ["image/png", "text/plain"] if sanitized else ["text/html", "text/plain"]
    exporter = HTMLExporter(
        sanitize_html=sanitized, config={"NbConvertBase": {"display_data_priority": order}}
    )
    (tmp_path / "export.html").write_text(exporter.from_notebook_node(played)[0])
    page.route(re.compile(r"^https?:"), lambda route: route.abort())  # scripts nobody needs to see a picture
    page.goto((tmp_path / "export.html").as_uri())
    if sanitized:
        images = page.evaluate("[...document.images].map(i => i.checkVisibility() && i.naturalWidth > 0)")
        assert images
        assert all(images)
        assert "<style>" not in page.inner_text("body")
    else:
        pictures = page.evaluate(PICTURES)
        assert pictures
        assert [picture for picture in pictures if picture["drawn"] == picture["image"]] == []
