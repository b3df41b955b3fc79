"""Where a network runs: the kernel's accelerator if there is one, else the CPU."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from nnarch_nb.errors import NNArchError


def pick_device(device: str) -> torch.device:
    """Return the device of that name; ``auto`` is the accelerator if there is one, else the CPU.

    Raises
    ------
    NNArchError
        The name is not a device, or this machine has no such device.

    Examples
    --------
    >>> pick_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        here = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        device = str(here or "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)  # starts an accelerator, so that its generator can be kept
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise NNArchError(
            f"device {device!r} is not available here; use 'auto', 'cpu' or the name of an accelerator"
        ) from error
    if chosen.type == "meta":
        raise NNArchError("the meta device holds no values and computes nothing; use 'auto' or 'cpu'")
    return chosen


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the first parameter or buffer; the CPU for a network without any."""
    for tensor in [*model.parameters(), *model.buffers()]:
        return tensor.device
    return torch.device("cpu")


@contextmanager
def memory_told(what: str, advice: str) -> Iterator[None]:
    """Turn running out of memory into one line, and give back what the failed work held.

    Parameters
    ----------
    what, advice
        What was under way and what to do, such as ``attacking CNN`` and ``try a smaller n``.

    Raises
    ------
    NNArchError
        The block ran out of memory, on an accelerator or on the CPU.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        # The traceback's frames hold the batch, its activations and gradients.
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
    else:
        return
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()
    raise NNArchError(f"out of memory while {what}; {advice}")


def is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)
