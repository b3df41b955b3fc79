"""What lies in folders: entries that count, what names of splits stand for, and text files as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nnarch_nb.errors import NNArchError

SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
MOST_BYTES = 2**28  # of one text file


def visible(folder: Path) -> list[Path]:
    """Return the entries by name, without hidden ones and without links back to a folder above."""
    try:
        found = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__")))
        above = {folder.resolve(), *folder.resolve().parents}
        return [entry for entry in found if not entry.is_symlink() or entry.resolve() not in above]
    except (OSError, RuntimeError) as error:
        raise NNArchError(
            f"cannot read the folder {folder}: {getattr(error, 'strerror', None) or error}"
        ) from error


def ending(path: Path) -> str:
    return path.suffix.lower()


def files_below(folder: Path, levels: int) -> Iterator[Path]:
    for entry in visible(folder):
        if entry.is_file():
            yield entry
        elif levels > 1 and entry.is_dir():
            yield from files_below(entry, levels - 1)


def read_text(path: Path) -> str:
    """Return a text file read as UTF-8, else as Latin-1, in which every byte is a character."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise NNArchError(f"{path} has over {MOST_BYTES / 1e6:,.0f} MB: give a part of it")
        raw = path.read_bytes()
    except OSError as error:
        raise NNArchError(f"cannot read {path}: {error.strerror}") from error
    if b"\0" in raw:
        raise NNArchError(f"{path} is not text: it holds zero bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
