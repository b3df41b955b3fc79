"""The one table of named data sets. A new one is an entry here and a loader ``(root, options) -> Loaded``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnarch_nb.verbs.data.loaded import Loaded
    from nnarch_nb.verbs.data.options import Options

BUNDLED = "nnarch_nb.verbs.data.bundled"
DOWNLOAD = "nnarch_nb.verbs.data.download"
WRITTEN = "nnarch_nb.verbs.data.written"

SOURCES: dict[str, str] = {
    "digits": f"{BUNDLED}:digits",
    "mnist-5k": f"{BUNDLED}:mnist_5k",
    "mnist": f"{DOWNLOAD}:mnist",
    "fashion-mnist": f"{DOWNLOAD}:fashion_mnist",
    "iris": f"{BUNDLED}:iris",
    "wine": f"{BUNDLED}:wine",
    "breast-cancer": f"{BUNDLED}:breast_cancer",
    "diabetes": f"{BUNDLED}:diabetes",
    "vowels": f"{BUNDLED}:vowels",
    "co2": f"{BUNDLED}:co2",
    "docstrings": f"{WRITTEN}:docstrings",
    "python-docs": f"{WRITTEN}:python_docs",
}


def load_named(name: str, root: str | None, options: Options) -> Loaded:
    """Return the data set of that name; ``root`` is the folder of its files, where it has any."""
    module, function = SOURCES[name].split(":")
    loaded: Loaded = getattr(import_module(module), function)(root, options)
    return loaded
