"""The page that ``python -m nnarch_nb`` writes: whole, offline, light and dark, wide and narrow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

GROUND = "getComputedStyle(document.body).backgroundColor"
WIDTHS = "[...document.querySelectorAll('div.nn')].map(result => result.clientWidth)"
# What reaches past its result; a wide table alone may, and scrolls inside the result.
TOO_WIDE = """() => [...document.querySelectorAll('div.nn')].flatMap(result =>
    [...result.querySelectorAll('*:not(table *, svg *, table)')]
        .filter(part => part.getBoundingClientRect().right > result.getBoundingClientRect().right + 1)
        .map(part => `${result.querySelector('.nn-title').innerText}: ${part.outerHTML.slice(0, 80)}`))"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the README's main job where nothing is; return the page."""
    folder = tmp_path_factory.mktemp("main-job")
    done = subprocess.run(
        [sys.executable, "-m", "nnarch_nb"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "jupyter lab " in done.stdout.splitlines()[-1]
    assert [path.name for path in folder.iterdir()] == ["nnarch-quickstart.html"]
    return folder / "nnarch-quickstart.html"


@pytest.fixture
def offline(page: Page, written: Path) -> Iterator[Page]:
    """Open the page where everything but itself is out of reach."""
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route(
        "**/*", lambda route: route.continue_() if route.request.url == written.as_uri() else route.abort()
    )
    page.goto(written.as_uri())
    yield page
    assert [url for url in asked if not url.startswith("data:")] == [written.as_uri()]
    assert complaints == []


def test_it_holds_no_script(written):
    assert "<script" not in written.read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_in_both_schemes(offline: Page, screenshots, scheme):
    offline.emulate_media(color_scheme=scheme)
    ground = [int(part) for part in offline.evaluate(GROUND).strip("rgb()").split(",")]
    assert (sum(ground) < 3 * 128) == (scheme == "dark")
    offline.screenshot(path=screenshots / f"page-{scheme}.png", full_page=True)


def test_its_results_are_whole_at_400_pixels(offline: Page):
    offline.set_viewport_size({"width": 416, "height": 800})  # the page leaves 8 on either side
    assert set(offline.evaluate(WIDTHS)) == {400}
    assert offline.evaluate(TOO_WIDE) == []
    assert offline.evaluate("document.documentElement.scrollWidth") <= 416
