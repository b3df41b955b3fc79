"""``.ts`` files, the text format of the time-series archives: a header of ``@`` lines, then a sample a line.

The dimensions of a sample are parted by colons, its values by commas; the last part is its class or number.
Format: https://www.sktime.net/en/stable/api_reference/file_specifications/ts.html
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nnarch_nb.core.data import Kind
from nnarch_nb.errors import NNArchError, reason_of, shorten
from nnarch_nb.verbs.data import series
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.walk import encoding_note, encoding_of

PARTNER = {"_TRAIN": "_TEST", "_TEST": "_TRAIN", "_train": "_test", "_test": "_train"}
ENDINGS = (".ts", ".ts.gz")


@dataclass(frozen=True)
class Table:
    """What one file holds: series ``(steps, channels)`` with their targets, and the classes it declares."""

    name: str
    samples: list[np.ndarray]
    targets: list[str]
    classes: tuple[str, ...] | None  # None where targets are numbers


def is_ts(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS)


def load(path: Path) -> Loaded:
    """Return the series in a file, with those of its other half if ``_TRAIN`` and ``_TEST`` lie side by side.

    Raises
    ------
    NNArchError
        A file is not what its header says.
    """
    paths = pair_of(path)
    tables = {split: read(part) for split, part in paths.items()}
    first = next(iter(tables.values()))
    for table in tables.values():
        if table.samples[0].shape[1] != first.samples[0].shape[1] or table.classes != first.classes:
            raise NNArchError(
                f"{' and '.join(map(str, paths.values()))} differ in their dimensions or classes"
            )
    targets = [target for table in tables.values() for target in table.targets]
    y, kind, classes = encoded(targets, first.classes, path)
    both = len(tables) > 1
    told = (f"train and test as in {' and '.join(part.name for part in paths.values())}",) if both else ()
    return Loaded(
        name=first.name,
        x=series.padded([sample for table in tables.values() for sample in table.samples], path.name),
        y=y,
        kind=kind,
        classes=classes,
        given={split: len(table.samples) for split, table in tables.items()} if both else {},
        cut=("val",) if both else ("val", "test"),
        notes=(*encoding_note(encoding_of(path)), *told),
    )


def pair_of(path: Path) -> dict[str, Path]:
    """Return the files of a set by split; one alone is all there is."""
    base, _, ending = path.name.partition(".")
    for mark, other in PARTNER.items():
        partner = path.with_name(f"{base.removesuffix(mark)}{other}.{ending}")
        if base.endswith(mark) and partner.exists():
            return (
                {"train": path, "test": partner}
                if mark.lower() == "_train"
                else {"train": partner, "test": path}
            )
    return {"train": path}


def read(path: Path) -> Table:
    """Return what a file holds.

    Raises
    ------
    NNArchError
        It has no data, timestamps, or a line that is no series.
    """
    lines = numbered(path)
    header = read_header(lines, path)
    if header.get("timestamps", "false").lower() == "true":
        raise NNArchError(
            f"{path} has a time beside each value (@timestamps true), which is not read: write the values "
            f"alone, evenly spaced, with @timestamps false"
        )
    kind, *names = header.get("classlabel", "false").split() or ["false"]
    numbers = header.get("targetlabel", "false").lower() == "true"
    if kind.lower() != "true" and not numbers:
        raise NNArchError(f"{path} has no targets: neither @classLabel true nor @targetLabel true")
    samples, targets = list[np.ndarray](), list[str]()
    for number, line in lines:
        sample, target = read_line(line, f"line {number} of {path}")
        if samples and sample.shape[1] != samples[0].shape[1]:
            raise NNArchError(
                f"line {number} of {path} has {sample.shape[1]} dimensions, where the first has "
                f"{samples[0].shape[1]}"
            )
        if target == "?":
            raise NNArchError(f"line {number} of {path} has no target, only '?': leave it out")
        samples.append(sample)
        targets.append(target)
    if not samples:
        raise NNArchError(f"{path} is empty: no line follows @data")
    stem = path.name.partition(".")[0]
    name = header.get("problemname", stem).removesuffix(".ts") or stem
    classes = tuple(dict.fromkeys(names))  # each once, whatever the header says
    return Table(shorten(name, 60), samples, targets, None if numbers else classes)


def numbered(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers."""
    opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rt", encoding=encoding_of(path)) as file:
            for number, line in enumerate(file, 1):
                line = line.strip()
                if line and not line.startswith("#"):
                    yield number, line
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise NNArchError(f"cannot read {path}: {reason_of(error)}") from error


def read_header(lines: Iterable[tuple[int, str]], path: Path) -> dict[str, str]:
    """Return the ``@`` lines by their names in lower case, up to ``@data``."""
    header = dict[str, str]()
    for number, line in lines:
        if not line.startswith("@"):
            raise NNArchError(f"{path} is no time-series file: line {number} stands before @data")
        word, *rest = line[1:].split(maxsplit=1) or [""]
        if word.lower() == "data":
            return header
        header[word.lower()] = "".join(rest)
    raise NNArchError(f"{path} is no time-series file: it has no @data line")


def read_line(line: str, where: str) -> tuple[np.ndarray, str]:
    """Return one sample ``(steps, channels)`` and its target."""
    *dimensions, target = (part.strip() for part in line.split(":"))
    if not dimensions or not target:
        raise NNArchError(f"{where} must hold values, a colon and a target")
    if dimensions[0].startswith("("):
        raise NNArchError(
            f"{where} has times beside its values, (t, v): write the values alone, evenly spaced"
        )
    channels = [values_of(dimension, where) for dimension in dimensions]
    steps = max(map(len, channels))
    if not steps:
        raise NNArchError(f"{where} holds no values")
    sample = np.full((steps, len(channels)), np.nan)
    for i, channel in enumerate(channels):
        sample[: len(channel), i] = channel
    return sample, target


def values_of(dimension: str, where: str) -> np.ndarray:
    if not dimension:
        return np.empty(0)
    cells = [cell.strip() for cell in dimension.split(",")]
    try:
        return np.array([np.nan if cell in ("?", "") else float(cell) for cell in cells])
    except ValueError as error:
        raise NNArchError(f"{where}: {shorten(error, 60)}") from error


def encoded(
    targets: list[str], declared: tuple[str, ...] | None, path: Path
) -> tuple[torch.Tensor, Kind, tuple[str, ...]]:
    """Return targets as numbers, what they are and their names."""
    if declared is None:
        try:
            values = np.array([float(target) for target in targets], np.float32)
        except ValueError as error:
            raise NNArchError(f"a target in {path} is no number: {shorten(error, 60)}") from error
        if not np.isfinite(values).all():
            raise NNArchError(f"{path} has targets that are missing or infinite: drop those lines")
        return torch.from_numpy(values).reshape(-1, 1), "regression", ("target",)
    names = declared or tuple(sorted(set(targets)))
    places = {name: i for i, name in enumerate(names)}
    unknown = next((target for target in targets if target not in places), None)
    if unknown is not None:
        raise NNArchError(
            f"{path} has the class {shorten(unknown, 40)!r}, which its @classLabel does not name"
        )
    return torch.tensor([places[target] for target in targets]), "classification", names
