"""What is noted of each module: over all its calls, while it runs, and of a function that failed in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import nn

from nnarch_nb.core.trace.record import Given, Shape, Shapes

# They run their children in a way of their own, past the children's ``forward``.
OPAQUE = (nn.MultiheadAttention, nn.RNNBase, torch.jit.ScriptModule)


def is_opaque(module: nn.Module) -> bool:
    """Whether the dataflow shows the module as one step."""
    if isinstance(module, OPAQUE):
        return True
    ours = type(module).__module__.startswith(("torch.nn", "torch.ao"))
    return ours and next(module.children(), None) is None


def kind_of(module: nn.Module) -> str:
    return str(getattr(module, "original_name", None) or type(module).__name__)


@dataclass
class Seen:
    """What was seen of one module over all its calls."""

    first: int
    inputs: Shapes
    outputs: Shapes = ()
    calls: int = 0
    macs: int = 0
    counted: bool = True


@dataclass
class Running:
    """A module whose forward has begun and not ended."""

    module: nn.Module
    path: str
    opaque: bool
    inputs: Shapes
    macs_before: int
    earlier: int = 0
    given: Any = ()


class Failed(NamedTuple):
    """A torch function that raised: the error, its name, and the tensors it got."""

    error: Exception
    name: str
    operands: tuple[tuple[Shape, str], ...]
    given: tuple[Given, ...] = ()
    values: tuple[Any, ...] = ()
