"""What a look must leave as it was, bit for bit: a network, what it was given, and the session."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

PLAIN = (int, float, complex, str, bytes, bool, type(None))
DEPTH = 5


def portrait(model: nn.Module, inputs: Any) -> dict[str, Any]:
    """Return all of it in a form that compares; what is no number compares by identity."""
    found = {"inputs": frozen(inputs), **session()}
    for path, module in model.named_modules(remove_duplicate=False):
        found[f"{path}:class"] = type(module)
        if isinstance(module, torch.jit.ScriptModule):
            found[f"{path}:weights"] = [contents(t) for t in (*module.parameters(), *module.buffers())]
            found[f"{path}:training"] = module.training
        else:
            found |= {f"{path}.{name}": frozen(value) for name, value in vars(module).items()}
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names of what differs, came or went."""
    return [name for name in before | after if before.get(name) != after.get(name)]


def session() -> dict[str, Any]:
    numpy = np.random.get_state()
    return {
        "torch's generator": torch.get_rng_state().numpy().tobytes(),
        "numpy's generator": (numpy[1].tobytes(), numpy[2:]),
        "python's generator": random.getstate(),
        "default type": torch.get_default_dtype(),
        "gradients": torch.is_grad_enabled(),
        "fast path": torch.backends.mha.get_fastpath_enabled(),
        "recursion": sys.getrecursionlimit(),
    }


def frozen(value: Any, depth: int = 0) -> Any:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Tensor):
        gradient = None if is_lazy(value) or value.grad is None else frozen(value.grad)
        return id(value), value.requires_grad, contents(value), gradient
    if depth > DEPTH or isinstance(value, nn.Module):
        return type(value), id(value)
    if isinstance(value, dict):
        return [(key, frozen(item, depth + 1)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [frozen(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value), id(value), len(value)
    if hasattr(value, "__dict__") and not callable(value):
        return type(value), frozen(vars(value), depth + 1)
    return type(value), id(value)


def contents(tensor: Tensor) -> Any:
    """Return the bytes, as far as there are any."""
    if is_lazy(tensor):
        return type(tensor)
    where = (tensor.dtype, tuple(tensor.shape), tensor.stride(), str(tensor.device))
    if tensor.is_meta:
        return where
    numbers = tensor.int_repr() if tensor.is_quantized else tensor.detach()
    flat = numbers.contiguous().reshape(-1).view(torch.uint8)
    return *where, tensor.data_ptr(), flat.numpy().tobytes()
