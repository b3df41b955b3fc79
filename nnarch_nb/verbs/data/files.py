"""Samples from a path: a table, a text, series, arrays saved by numpy, or a folder."""

from __future__ import annotations

import zipfile
from pathlib import Path

from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.sources import SOURCES

TABLES = (".csv", ".tsv", ".data", ".txt")
# A name too long, a folder that may not be read; a null byte; nobody's home.
UNREACHABLE = (OSError, ValueError, RuntimeError)
# What pandas reads and we do not, by the ending: its reader there.
PANDAS = {
    ".parquet": "read_parquet",
    ".feather": "read_feather",
    ".xlsx": "read_excel",
    ".xls": "read_excel",
    ".ods": "read_excel",
    ".json": "read_json",
    ".jsonl": "read_json",
}
PACKED = (".gz", ".bz2", ".xz", ".zip")


def load(source: str, options: Options) -> Loaded:
    """Return the samples in a file or folder.

    Raises
    ------
    NNArchError
        There is no such file, or it is of no kind that can be read.
    """
    path = existing(source)
    if path.is_dir():
        refuse_table_options(path, options)
        from nnarch_nb.verbs.data import folders

        return folders.load(path, options)
    if is_prose(path, options):
        return load_prose(path, options)
    if kind_of(path) in TABLES:
        from nnarch_nb.verbs.data import csvfile, frame

        table, notes = csvfile.read(path, options.target)
        return frame.load(table, path.name, options, notes)
    if reader := PANDAS.get(kind_of(path)):
        raise NNArchError(
            f"{path} is read with pandas: give its DataFrame, "
            f"data(pandas.{reader}({path.name!r}), target={options.target or 'y'!r})"
        )
    refuse_table_options(path, options)
    if kind_of(path) == ".ts":
        from nnarch_nb.verbs.data import tsfile

        options.require_only((), "time series")
        return tsfile.load(path)
    if path.suffix == ".npz":
        options.require_only((), "arrays")
        return load_npz(path, options)
    raise NNArchError(
        f"cannot read {path}: give a table ({' '.join(TABLES)}), time series (.ts), a text (.txt .md), an "
        f".npz with x and y, or a folder of classes with images or texts"
    )


def is_prose(path: Path, options: Options) -> bool:
    """Tell a text from a table: by the ending, by the options, else by lines that no delimiter cuts alike."""
    if kind_of(path) in (".md", ".rst"):
        return True
    if kind_of(path) != ".txt" or path.suffix.lower() in PACKED or options.targets or options.text:
        return False
    if "level" in options.given or options.window is not None or not path.stat().st_size:
        return True
    from nnarch_nb.verbs.data import csvfile, walk

    lines = [line for line in walk.read_text(path).splitlines() if line.strip()][:50]
    return not lines or not csvfile.is_cut_alike(lines)


def load_prose(path: Path, options: Options) -> Loaded:
    from nnarch_nb.verbs.data import language, walk

    refuse_table_options(path, options)
    options.require_only(language.TAKES, "a plain text")
    return language.load(walk.read_text(path), path.name, options)


def kind_of(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in PACKED]
    return suffixes[-1] if suffixes else ""


def refuse_table_options(path: Path, options: Options) -> None:
    if options.targets or options.drop or options.text is not None:
        raise NNArchError(f"target=, drop= and text= name columns of a table, and {path} is none")


def existing(source: str) -> Path:
    """Return the path if something is there; else say what comes nearest."""
    path, nearby = Path(source), list[str]()
    try:
        path = path.expanduser()
        if source and path.exists():
            return path
        nearby = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except UNREACHABLE:
        pass  # what cannot be reached is not there, as the error below says
    if path.suffix or len(path.parts) > 1:
        hint = did_you_mean(path.name, nearby)
        raise NNArchError(f"there is no file {shorten(source)!r}.{hint}")
    hint = did_you_mean(source, [*SOURCES, *nearby])
    raise NNArchError(
        f"no data set, file or folder is called {shorten(source)!r}.{hint} Data sets: {', '.join(SOURCES)}."
    )


def load_npz(path: Path, options: Options) -> Loaded:
    """Return the arrays of an .npz file; pickled objects in it are refused, never run."""
    import numpy as np

    from nnarch_nb.verbs.data import memory

    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise NNArchError(f"cannot read {path}: {shorten(error)}") from error
    return memory.load(arrays, options, name=path.name)
