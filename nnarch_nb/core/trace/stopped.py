"""What the step that failed was given, with types and devices: a diagnosis asks for more than a run does."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.network import is_users_package
from nnarch_nb.core.trace.flow import DEPTH, parts_of, tensors_in
from nnarch_nb.core.trace.record import Given

PLAIN = (bool, int, float, str, type(None))


def all_given(value: Any, origin: Callable[[Tensor], str]) -> tuple[Given, ...]:
    """Return each tensor, weights too, with its type, its device and the step that made it."""
    return tuple(
        Given(
            tuple(map(int, tensor.shape)),
            str(tensor.dtype).removeprefix("torch."),
            tensor.device.type,
            origin(tensor),
            isinstance(tensor, nn.Parameter),
        )
        for tensor in tensors_in(value)
    )


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value that holds no tensor: numbers and words as they are, of all else the class name."""
    if isinstance(value, PLAIN) and not isinstance(value, torch.SymInt):
        return value
    if isinstance(value, (list, tuple)) and depth < DEPTH:
        return tuple(plain(item, depth + 1) for item in parts_of(value))
    return "Tensor" if isinstance(value, Tensor) else type(value).__name__


def line_of(error: BaseException) -> str:
    """Return the line of the user's own code in which it was raised; empty if there is none."""
    line, frames = "", error.__traceback__
    while frames is not None:
        code, names = frames.tb_frame.f_code, frames.tb_frame.f_globals
        if is_users_package(str(names.get("__name__", "")).partition(".")[0]):
            line = linecache.getline(code.co_filename, frames.tb_lineno, names).strip() or line
        frames = frames.tb_next
    return line
