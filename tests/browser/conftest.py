"""A real JupyterLab and a real Chromium for the browser tests.

Everything Jupyter keeps (settings, trust, runtime files) lies in a folder of its own, so neither the
tests nor the person's Jupyter see each other. Nothing sleeps: each step waits for its condition.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip
MINUTES = 60_000  # milliseconds, as the browser counts

SETTINGS = {
    # No news popup; every cell in the page, also those out of sight; patience on a busy machine.
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/completer-extension/manager": {"providerTimeout": 30_000},
}
OPENED = """async () => {
    await window.jupyterapp.restored;
    await window.jupyterapp.shell.currentWidget.context.ready;
}"""


def chromium_path() -> str:
    """Return the browser to drive; without one, skip or (where it is required) fail."""
    named = os.environ.get("NNARCH_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return found
    reason = f"NNARCH_CHROMIUM={named} is no program" if named else "no Chromium on PATH; set NNARCH_CHROMIUM"
    if os.environ.get("NNARCH_BROWSER") == "required":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@dataclass
class Lab:
    """A running JupyterLab."""

    root: Path
    token: str = field(default_factory=secrets.token_hex)
    url: str = ""

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def environment(self) -> dict[str, str]:
        folders = ("config", "runtime", "data")
        return {
            **os.environ,
            **{f"JUPYTER_{name.upper()}_DIR": str(self.root / name) for name in folders},
            "JUPYTERLAB_SETTINGS_DIR": str(self.root / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.root / "workspaces"),
            "IPYTHONDIR": str(self.root / "ipython"),
            # The kernel called python3 is this very environment's, whatever the person registered.
            "JUPYTER_PREFER_ENV_PATH": "1",
        }

    def start(self) -> subprocess.Popen[str]:
        for name, value in SETTINGS.items():
            path = self.root / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        self.notebooks.mkdir()
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
            "--ip=127.0.0.1", f"--ServerApp.root_dir={self.notebooks}",
            f"--IdentityProvider.token={self.token}",
        ]  # fmt: skip
        process = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)
        said = []
        for line in process.stderr:
            said.append(line)
            if match := re.search(r"(http://127\.0\.0\.1:\d+)/lab", line):
                self.url = match[1]
                threading.Thread(target=process.stderr.read, daemon=True).start()  # let it keep talking
                return process
        raise RuntimeError("JupyterLab did not start:\n" + "".join(said))

    def add(self, notebook: Path | nbformat.NotebookNode, name: str, trusted: bool = False) -> str:
        """Put a notebook into the served folder, signed or not; return its name."""
        nb = nbformat.read(notebook, as_version=4) if isinstance(notebook, Path) else notebook
        nbformat.write(nb, self.notebooks / name)
        if trusted:
            notary = NotebookNotary(data_dir=str(self.root / "data"))
            # The server reads the notebook back from its file: sign what it will read.
            notary.sign(nbformat.read(self.notebooks / name, as_version=4))
            notary.store.close()
        return name

    def open(self, page: Page, name: str) -> None:
        page.goto(f"{self.url}/doc/tree/{name}?reset&token={self.token}")
        page.wait_for_selector(".jp-Notebook", timeout=2 * MINUTES)
        page.evaluate(OPENED)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    chromium_path()
    lab = Lab(tmp_path_factory.mktemp("lab"))
    process = lab.start()
    yield lab
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # One per module: while it is open its event loop is in the way of tests that run their own.
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    yield page
    page.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("NNARCH_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
