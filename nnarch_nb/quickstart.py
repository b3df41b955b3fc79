"""The quickstart in a terminal: run the notebook, write it as one page, say how to open it.

It stands beside ``__main__`` rather than in a room: it uses the package as a person does, through a
notebook, and needs the Jupyter parts of the ``lab`` extra, which nothing else here does.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import textwrap
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nnarch_nb.core.files import write_whole
from nnarch_nb.errors import NNArchError, reason_of

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbformat import NotebookNode

PACKAGE = Path(__file__).parent
NOTEBOOK = Path("notebooks", "quickstart.ipynb")
JUPYTER_PARTS = ("ipykernel", "jupyterlab", "nbclient", "nbconvert", "nbformat")
TITLE_WIDTH = 48


def main(arguments: list[str] | None = None) -> int:
    """Run the quickstart as the command line asks; return the exit status."""
    output = parsed(arguments)
    try:
        return run(output)
    except NNArchError as error:
        print(f"nnarch_nb: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nnnarch_nb: interrupted, nothing was written", file=sys.stderr)
        return 130


def parsed(arguments: list[str] | None) -> Path:
    parser = argparse.ArgumentParser(
        prog="python -m nnarch_nb",
        description="Run the quickstart notebook and write it as one page that opens offline.",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("nnarch-quickstart.html"),
        metavar="PATH",
        help="where to write the page (default: %(default)s)",
    )
    return parser.parse_args(arguments).output


def run(output: Path) -> int:
    """Execute the notebook and write the page, also when a cell fails."""
    require_jupyter()
    require_writable(output)
    started = time.monotonic()
    notebook = notebook_path()
    nb = read(notebook)
    failure = execute(nb)
    write_whole(output, as_page(nb, folder=notebook.parent))
    size = output.stat().st_size / 1e6
    print(f"\nWrote {output} ({size:.1f} MB) after {time.monotonic() - started:.0f} s.", flush=True)
    if failure:
        raise NNArchError(failure)
    print("Open the notebook in JupyterLab:")
    print(opening_line(notebook))
    return 0


def require_jupyter() -> None:
    missing = [part for part in JUPYTER_PARTS if find_spec(part) is None]
    if missing:
        raise NNArchError(
            f"the quickstart needs {', '.join(missing)}; install with: "
            f"{Path(sys.executable).name} -m pip install 'nnarch_nb[lab]'"
        )


def require_writable(output: Path) -> None:
    """Find out before minutes of work, by trying: permission bits do not tell for every file system."""
    if output.is_dir():
        raise NNArchError(f"cannot write {output}: it is a folder; name a file with --output")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise NNArchError(
            f"cannot write {output}: {reason_of(error)}; name another place with --output"
        ) from error


def notebook_path() -> Path:
    """Return the copy that the wheel carries, or the checkout's own."""
    inside = PACKAGE / NOTEBOOK
    return inside if inside.exists() else PACKAGE.parent / NOTEBOOK


def read(notebook: Path) -> NotebookNode:
    import nbformat

    try:
        return nbformat.read(notebook, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise NNArchError(f"cannot read {notebook}: {error or type(error).__name__}") from error


def execute(nb: NotebookNode) -> str | None:
    """Run the cells in a kernel of this interpreter, a progress line each; return what failed."""
    from nbclient import NotebookClient

    cells = [index for index, cell in enumerate(nb.cells) if cell.cell_type == "code"]
    for index in cells:
        nb.cells[index].outputs, nb.cells[index].execution_count = [], None
    client = NotebookClient(
        nb, km=kernel_manager(), timeout=None, store_widget_state=False, shutdown_kernel="immediate"
    )
    with tempfile.TemporaryDirectory(prefix="nnarch-") as folder:
        # The person's own IPython start-up files are no part of the quickstart.
        surroundings = {**os.environ, "IPYTHONDIR": folder}
        with client.setup_kernel(cwd=folder, env=surroundings, cleanup_kc=True):
            for number, index in enumerate(cells, 1):
                name = title(nb, index)
                print(f"{number:>3}/{len(cells)}  {name:<{TITLE_WIDTH}}", end="", flush=True)
                started = time.monotonic()
                if failure := run_cell(client, index, number):
                    print(" failed", flush=True)
                    return f"cell {number} ({name}) failed: {failure}"
                print(f"{time.monotonic() - started:7.1f} s", flush=True)
    return None


def run_cell(client: NotebookClient, index: int, number: int) -> str | None:
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    try:
        client.execute_cell(client.nb.cells[index], index, execution_count=number)
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    except DeadKernelError:
        return "its kernel ended, perhaps for lack of memory"
    return None


def kernel_manager() -> AsyncKernelManager:
    """Return a manager whose kernel is this very interpreter, whatever ``python3`` is registered as."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from traitlets.config import Config

    class ThisInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    # Cells and outputs may hold anything: where Jupyter can, they travel encrypted.
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    return AsyncKernelManager(kernel_spec_manager=ThisInterpreter(), config=config)


def title(nb: NotebookNode, index: int) -> str:
    """Return the heading right above the cell, or else the cell's first line."""
    above = nb.cells[index - 1] if index else None
    if above is not None and above.cell_type == "markdown":
        headings = [line.lstrip("# ") for line in above.source.splitlines() if line.startswith("#")]
        if headings:
            return fitted(headings[-1])
    lines = nb.cells[index].source.strip().splitlines()
    return fitted(lines[0] if lines else "(empty)")


def fitted(name: str) -> str:
    return textwrap.shorten(name, TITLE_WIDTH, placeholder=" …")


def as_page(nb: NotebookNode, folder: Path) -> str:
    """Return the notebook as html that needs nothing but itself."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        extra_template_basedirs=[str(PACKAGE / "views" / "nbconvert")],
        template_name="nnarch",
        embed_images=True,
        exclude_anchor_links=True,
        # A live panel has its static result beside it: the page shows that one.
        config={"NbConvertBase": {"display_data_priority": ["text/html", "image/png", "text/plain"]}},
    )
    resources = {"metadata": {"path": str(folder), "name": "nnarch_nb quickstart"}}
    html: str = exporter.from_notebook_node(nb, resources=resources)[0]
    return html


def opening_line(notebook: Path) -> str:
    jupyter = Path(sys.executable).with_name("jupyter")
    launch = [near(jupyter), "lab"] if jupyter.exists() else [near(Path(sys.executable)), "-m", "jupyterlab"]
    command = [*launch, near(notebook)]
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def near(path: Path) -> str:
    """Return the path as one would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
