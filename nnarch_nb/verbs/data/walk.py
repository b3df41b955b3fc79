"""What lies in folders: entries that count, what names of splits stand for, and text files as text."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from nnarch_nb.errors import NNArchError, reason_of

SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
MOST_BYTES = 2**28  # of one text file
CHUNK = 1 << 20
WIDE = ("utf-32", "utf-16")
MARKS = (  # the longer first, as one begins with the other
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
UNDEFINED = b"\x81\x8d\x8f\x90\x9d"  # bytes that Windows-1252 has no letter for


def visible(folder: Path) -> list[Path]:
    """Return the entries by name, without hidden ones and without links back to a folder above."""
    try:
        found = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__")))
        above = {folder.resolve(), *folder.resolve().parents}
        return [entry for entry in found if not entry.is_symlink() or entry.resolve() not in above]
    except (OSError, RuntimeError) as error:
        raise NNArchError(f"cannot read the folder {folder}: {reason_of(error)}") from error


def ending(path: Path) -> str:
    return path.suffix.lower()


def files_below(folder: Path, levels: int) -> Iterator[Path]:
    for entry in visible(folder):
        if entry.is_file():
            yield entry
        elif levels > 1 and entry.is_dir():
            yield from files_below(entry, levels - 1)


def read_text(path: Path) -> str:
    """Return a text file as text, whatever it is written in."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise NNArchError(f"{path} has over {MOST_BYTES / 1e6:,.0f} MB: give a part of it")
        raw = path.read_bytes()
    except OSError as error:
        raise NNArchError(f"cannot read {path}: {reason_of(error)}") from error
    encoding = encoding_in([raw])
    if encoding not in WIDE and b"\0" in raw:
        raise NNArchError(f"{path} is not text: it holds zero bytes")
    return raw.decode(encoding, errors="replace" if encoding in WIDE else "strict")


def encoding_of(path: Path) -> str:
    """Return what a text file, packed or not, is written in.

    Raises
    ------
    NNArchError
        It cannot be read.
    """
    opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rb") as file:
            return encoding_in(iter(lambda: file.read(CHUNK), b""))
    except (OSError, EOFError, zlib.error) as error:
        raise NNArchError(f"cannot read {path}: {reason_of(error)}") from error


def encoding_in(chunks: Iterable[bytes]) -> str:
    """Return UTF-16 or 32 where a mark says so, UTF-8 where all reads as such, else Windows-1252 or Latin-1.

    Examples
    --------
    >>> encoding_in(["café".encode()]), encoding_in(["café".encode("cp1252")])
    ('utf-8-sig', 'cp1252')
    >>> encoding_in(["café".encode("utf-16")])
    'utf-16'
    """
    decoder, found = codecs.getincrementaldecoder("utf-8")(), "utf-8-sig"
    for number, chunk in enumerate(chain(chunks, [b""])):
        if not number and (marked := next((name for mark, name in MARKS if chunk.startswith(mark)), None)):
            return marked
        if found == "utf-8-sig":
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                found = "cp1252"
        if found == "cp1252" and chunk.translate(None, UNDEFINED) != chunk:
            return "latin-1"
    return found


def encoding_note(encoding: str) -> tuple[str, ...]:
    """Say what a file that is not UTF-8 was read as."""
    told = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}.get(encoding)
    return (f"not UTF-8: read as {told}, so look at its letters beyond A to Z",) if told else ()
