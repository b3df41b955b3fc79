"""Where a network runs: the kernel's accelerator if there is one, else the CPU."""

from __future__ import annotations

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
        return here or torch.device("cpu")
    try:
        chosen = torch.device(device)
        if chosen.type != "meta":
            torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise NNArchError(
            f"device {device!r} is not available here; use 'auto', 'cpu' or the name of an accelerator"
        ) from error
    return chosen


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the first parameter or buffer; the CPU for a network without any."""
    for tensor in [*model.parameters(), *model.buffers()]:
        return tensor.device
    return torch.device("cpu")
