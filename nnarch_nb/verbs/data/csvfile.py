"""Delimited text files: the delimiter, the header and the decimal mark are found, and told."""

from __future__ import annotations

import csv
import gzip
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data.walk import encoding_note, encoding_of

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE = 1 << 16
DAMAGED = (OSError, UnicodeError, EOFError, ValueError)  # pandas' own parser errors are ValueErrors


def read(path: Path, target: str | None = None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table in a file, and what was found out about its form.

    Parameters
    ----------
    path
        The file.
    target
        The column to predict, whose name tells whether there is a header.

    Raises
    ------
    NNArchError
        The file is empty, no text, or its rows do not fit its header.
    """
    encoding = encoding_of(packed_as_known(path))
    lines = first_lines(path, encoding)
    delimiter = find_delimiter(lines)
    cells = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    names, notes = header(cells, target, path)
    table = parse(
        path,
        sep=delimiter,
        decimal=find_decimal(lines, delimiter),
        header=None if names else 0,
        names=names,
        encoding=encoding,
    )
    if table.empty:
        raise NNArchError(f"{path} has a header and no rows")
    table = table.set_axis([str(name).strip() for name in table.columns], axis=1)
    return without_row_numbers(table, (*encoding_note(encoding), *notes))


def header(cells: list[str], target: str | None, path: Path) -> tuple[list[str] | None, tuple[str, ...]]:
    """Return names for columns without a header, none where the first row is one, and how it was told.

    Raises
    ------
    NNArchError
        The row holds names and numbers, so that only the target could tell, and it does not.
    """
    numbers = sum(map(is_number, cells))
    names = [f"c{i}" for i in range(len(cells))]
    if not numbers or target in cells:
        return None, (f"the first row is the header, as it holds {target!r}",) if is_number(
            target or ""
        ) else ()
    if numbers < len(cells) and target not in names:
        first = ", ".join(shorten(cell, 20) for cell in cells[:6]) + (", …" if len(cells) > 6 else "")
        cause = "target= is missing" if target is None else f"target={target!r} is none of these"
        raise NNArchError(
            f"{path} begins with {first}, and {cause}: name one of them if that row is the header; if there "
            f"is no header, columns are called c0 to {names[-1]}"
        )
    return names, (f"no header row: columns are called c0 to {names[-1]}",)


def parse(path: Path, **form: Any) -> pd.DataFrame:
    import pandas as pd

    try:
        with warnings.catch_warnings():
            # Rows longer than the header would be cut with a warning: refuse them instead.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # Without a chunk limit types are decided on whole columns, not piece by piece.
            return pd.read_csv(
                path, index_col=False, skipinitialspace=True, na_values=["?"], low_memory=False, **form
            )
    except (*DAMAGED, pd.errors.ParserWarning) as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ")
        raise NNArchError(f"cannot read {path} as a table: {shorten(reason, 120)}") from error


def packed_as_known(path: Path) -> Path:
    if path.suffix in (".bz2", ".xz", ".zip"):
        raise NNArchError(f"{path} is packed: unpack it, or pack it as .gz")
    return path


def first_lines(path: Path, encoding: str) -> list[str]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        raw = file.read(SAMPLE)
    text = raw.decode(encoding, errors="ignore")  # what is left out is a character cut in two
    if "\0" in text:
        raise NNArchError(f"{path} is not text: it holds zero bytes")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise NNArchError(f"{path} is empty")
    return lines if len(raw) < SAMPLE or len(lines) == 1 else lines[:-1]


def find_delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts the first lines into the most columns, the same number each."""
    try:
        return max(DELIMITERS, key=lambda delimiter: cut_by(delimiter, lines))
    except csv.Error as error:
        raise NNArchError(f"the table cannot be read: {error}") from error


def cut_by(delimiter: str, lines: list[str]) -> tuple[bool, int]:
    """Return whether the delimiter cuts all lines into as many columns, and into how many the first."""
    rows = csv.reader(lines[:50], delimiter=delimiter, skipinitialspace=True)
    widths = [len(row) for row in rows if row]
    return len(set(widths)) == 1 and widths[0] > 1, widths[0]


def is_cut_alike(lines: list[str]) -> bool:
    """Tell whether some delimiter cuts all lines, more than one, into as many columns."""
    try:
        return len(lines) > 1 and any(cut_by(delimiter, lines)[0] for delimiter in DELIMITERS)
    except csv.Error:
        return False


def find_decimal(lines: list[str], delimiter: str) -> str:
    text = "\n".join(lines[1:50])
    return "," if delimiter != "," and re.search(r"\d,\d", text) and not re.search(r"\d\.\d", text) else "."


def is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def without_row_numbers(table: pd.DataFrame, notes: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out an unnamed first column that only counts the rows: an index that was saved with them."""
    first = table.columns[0]
    if str(first) == "Unnamed: 0" and table[first].tolist() == list(range(len(table))):
        return table.drop(columns=first), (*notes, "the unnamed column of row numbers was left out")
    return table, notes
