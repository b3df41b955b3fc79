"""The wheel carries all that the package needs and works outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from importlib.metadata import PathDistribution
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import nnarch_nb

ROOT = Path(__file__).parents[1]
SHOW = """
import nnarch_nb, sys
from nnarch_nb import quickstart
data = nnarch_nb.data("digits")
forms = data._repr_mimebundle_()
assert 'class="nn"' in forms["text/html"], forms
data.save("digits.html")
print(nnarch_nb.__file__)
print(quickstart.notebook_path())
"""


def run(*command: str | Path, **options) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel)
    return target


def test_the_wheel_holds_the_package_and_the_quickstart_and_no_more(wheel):
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "nnarch_nb").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == sources | {"nnarch_nb/notebooks/quickstart.ipynb"}
    assert {"nnarch_nb/py.typed", "nnarch_nb/views/templates/style.css"} <= held
    assert "nnarch_nb/views/nbconvert/nnarch/index.html.j2" in held


def test_installed_elsewhere_it_shows_a_result(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    lines = run(sys.executable, "-c", SHOW, cwd=tmp_path, env=environment).splitlines()
    assert all(Path(line).is_relative_to(installed) for line in lines)
    assert Path(lines[1]).exists()
    assert (tmp_path / "digits.html").read_text().startswith("<!doctype html>")


def test_the_metadata_is_whole(installed):
    (folder,) = installed.glob("*.dist-info")
    metadata = PathDistribution(folder).metadata
    assert metadata["Version"] == nnarch_nb.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert {"lab", "test"} <= set(metadata.get_all("Provides-Extra"))


def test_no_folder_of_tests_is_passed_over(request):
    """Pytest's own list of folders to leave out has ``build``, where a verb's tests live."""
    left_out = request.config.getini("norecursedirs")
    folders = {part for path in (ROOT / "tests").rglob("test_*.py") for part in path.relative_to(ROOT).parts}
    assert not [name for name in folders for pattern in left_out if fnmatch(name, pattern)]


def test_the_changelog_knows_this_version():
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert headings[0] == nnarch_nb.__version__


def test_every_requirement_is_pinned_and_fits():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pins = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            pins[canonicalize_name(name)] = version
    for requirement in map(Requirement, lines):
        name = canonicalize_name(requirement.name)
        if name != "nnarch-nb":
            assert name in pins, f"{name} is not pinned in constraints.txt"
            assert requirement.specifier.contains(pins[name]), f"{requirement} against {pins[name]}"
