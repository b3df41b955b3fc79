"""Files that are either whole or absent."""

from __future__ import annotations

import secrets
from contextlib import suppress
from os import PathLike
from pathlib import Path

from nnarch_nb.errors import NNArchError, reason_of, shorten


def as_path(path: str | Path) -> Path:
    """Return the path, ``~`` being the user's home; a file need not be there.

    Raises
    ------
    NNArchError
        No file can be there: nobody's home, a name that is too long, a folder that may not be entered.
    """
    if not isinstance(path, (str, PathLike)):
        raise NNArchError(f"a file's name is needed, such as 'result.html', not {shorten(repr(path))}")
    try:
        found = Path(path).expanduser()
        with suppress(FileNotFoundError, NotADirectoryError):
            found.stat()
    except (RuntimeError, ValueError, OSError) as error:
        raise NNArchError(f"cannot reach {shorten(path)}: {reason_of(error)}") from error
    return found


def write_whole(path: str | Path, content: str | bytes) -> Path:
    """Write to a temporary name beside ``path``, then rename, so that no reader sees a half.

    Raises
    ------
    NNArchError
        The folder cannot be written or the disk is full; nothing is left behind.
    """
    path = as_path(path)
    raw = content.encode() if isinstance(content, str) else content
    temporary = path.parent / f".{secrets.token_hex(4)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:  # as readable as any new file here: mkstemp's are private
            file.write(raw)
        temporary.replace(path)
    except OSError as error:
        raise NNArchError(f"cannot write {path}: {reason_of(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path
