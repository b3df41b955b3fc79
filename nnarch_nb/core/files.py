"""Files that are either whole or absent."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nnarch_nb.errors import NNArchError


def write_whole(path: str | Path, content: str | bytes) -> Path:
    """Write to a temporary name beside ``path``, then rename, so that no reader sees a half.

    Raises
    ------
    NNArchError
        The folder cannot be written or the disk is full; nothing is left behind.
    """
    path = Path(path)
    raw = content.encode() if isinstance(content, str) else content
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise NNArchError(f"cannot write {path}: {error.strerror or error}") from error
    return path
