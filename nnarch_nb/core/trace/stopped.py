"""What the step that failed was given, with types and devices: a diagnosis asks for more than a run does."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

from nnarch_nb.core.network import is_users_package
from nnarch_nb.core.options import type_name
from nnarch_nb.core.trace.flow import DEPTH, parts_of, tensors_in
from nnarch_nb.core.trace.record import Failure, Given
from nnarch_nb.core.trace.seen import Failed, Running, kind_of

MESSAGE_LINES = 3
PLAIN = (bool, int, float, str, type(None))


def all_given(value: Any, origin: Callable[[Tensor], str]) -> tuple[Given, ...]:
    """Return each tensor, weights too, with its type, its device and the step that made it."""
    return tuple(
        Given(
            tuple(map(int, tensor.shape)),
            type_name(tensor.dtype),
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


def failure_in(
    last: Running, failed: Failed | None, error: Exception, origin: Callable[[Tensor], str]
) -> Failure:
    """Return where a run stopped: in the module that ran last, at the function that failed if one did."""
    return Failure(
        path=last.path,
        kind=kind_of(last.module),
        inputs=last.inputs,
        operation=failed.name if failed else None,
        message=message_of(error) or type(error).__name__,
        error=type(error).__name__,
        operands=failed.operands if failed else (),
        index=largest_index(last),
        arguments=all_given(last.given, origin),
        takes=tuple(type(value).__name__ for value in last.given),
        given=failed.given if failed else (),
        values=failed.values if failed else (),
        line=line_of(error),
    )


def largest_index(running: Running) -> int | None:
    """Return the largest index that an embedding was given, if it has values."""
    given = tensors_in(running.given)
    if not isinstance(running.module, (nn.Embedding, nn.EmbeddingBag)) or not given:
        return None
    index = given[0]
    known = not isinstance(index, FakeTensor) and not index.dtype.is_floating_point and index.numel()
    return int(index.max()) if known else None


def message_of(error: Exception) -> str:
    """Return the first lines of what was raised; of a script's, which are a traceback, where it stopped."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    stops = [i for i, line in enumerate(lines) if line.endswith("<--- HERE")]
    if stops and "TorchScript" in lines[0]:
        why = lines[-1].removeprefix("RuntimeError:").strip()
        return f"stopped at `{lines[stops[-1] - 1]}`{f': {why}' if why else ''}"
    return " ".join(lines[:MESSAGE_LINES])
