"""The rooms' law: errors <- core <- verbs <- views <- magics, and IPython in two rooms only.

An import for type checkers counts as well: what a module names, it knows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import nnarch_nb

PACKAGE = Path(nnarch_nb.__file__).parent
ROOMS = ("errors", "core", "verbs", "views", "magics")
ENTRIES = {"__init__", "__main__", "quickstart"}
# A result asks for its picture when it is shown: the one look to the right, inside functions.
LOOKS_RIGHT = {("core/result.py", "views")}
NOTEBOOK_PARTS = {"IPython", "ipywidgets", "anywidget", "comm"}
NOTEBOOK_ROOMS = ("magics", "views/live")

MODULES = sorted(PACKAGE.rglob("*.py"), key=str)


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def is_function(node: ast.AST) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def imports(tree: ast.AST, skip: Callable[[ast.AST], bool] = lambda node: False) -> set[str]:
    """Return the full names that are imported anywhere but in the nodes to skip."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno} imports by dots; write the full name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif not skip(node):
            names |= imports(node, skip)
    return names


def rooms_used(path: Path) -> set[str]:
    ours = (name.split(".") for name in imports(ast.parse(path.read_text())))
    return {parts[1] for parts in ours if parts[0] == "nnarch_nb" and len(parts) > 1}


def breaches(path: Path) -> set[str]:
    allowed = set(ROOMS[: ROOMS.index(room_of(path)) + 1])
    return {
        f"{place(path)} imports {used}"
        for used in rooms_used(path) - allowed
        if used in {*ROOMS, *ENTRIES} and (place(path), used) not in LOOKS_RIGHT
    }


def test_every_module_stands_in_a_room():
    assert {room_of(path) for path in MODULES} <= {*ROOMS, *ENTRIES}


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) in ROOMS], ids=place)
def test_a_module_imports_only_from_its_left(path):
    assert not breaches(path)


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_only_two_rooms_know_the_notebook(path):
    used = {name.split(".")[0] for name in imports(ast.parse(path.read_text()), skip=is_typing_only)}
    if not place(path).startswith(NOTEBOOK_ROOMS):
        assert not used & NOTEBOOK_PARTS


def test_each_exception_is_in_use_and_lazy():
    for where, right in LOOKS_RIGHT:
        path = PACKAGE / where
        at_the_top = imports(ast.parse(path.read_text()), skip=is_function)
        assert right in rooms_used(path)
        assert f"nnarch_nb.{right}" not in at_the_top


@pytest.mark.parametrize(
    "code",
    [
        "from nnarch_nb.views import page",
        "from nnarch_nb import magics",
        "import nnarch_nb.views.page",
        "def late():\n    from nnarch_nb import views",
        "try:\n    from nnarch_nb.magics.parser import app\nexcept ImportError:\n    app = None",
    ],
)
def test_the_law_sees_a_breach(tmp_path, monkeypatch, code):
    (tmp_path / "core").mkdir()
    path = tmp_path / "core" / "new.py"
    path.write_text(code)
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert breaches(path)
