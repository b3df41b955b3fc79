"""Which function of the network's author an operation is written in, for those that ``forward`` calls."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

import torch

LIBRARIES = tuple(str(Path(place).parent) for place in (torch.__file__, __file__))
CALL = torch.nn.Module._call_impl.__code__  # above it is what called the module
FORWARD = "forward"


def helper_running() -> str:
    """Return the functions between the innermost ``forward`` and here, such as ``rope/rotate``.

    Those of torch and of this package do not count.
    """
    names: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not CALL:
        if not is_library(frame.f_code):
            if frame.f_code.co_name == FORWARD:
                return "/".join(reversed(names))
            names.append(frame.f_code.co_name)
        frame = frame.f_back
    return ""


@lru_cache(maxsize=4096)
def is_library(code: CodeType) -> bool:
    return code.co_filename.startswith(LIBRARIES)
