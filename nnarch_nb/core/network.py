"""Questions asked of any network."""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError, shorten

CONTAINERS = (list, tuple, dict, set, deque)
NESTING = 3
TORCHS_OWN = set(vars(nn.Module()))
INSTALLED = {"site-packages", "dist-packages"}
FOREIGN = {"torch", "numpy", "nnarch_nb", "builtins", *sys.stdlib_module_names}


def as_network(model: Any) -> nn.Module:
    """Return ``model`` if it is a network.

    Raises
    ------
    NNArchError
        It is not a ``torch.nn.Module``; a class is told apart from its instance.
    """
    if isinstance(model, nn.Module):
        return model
    if isinstance(model, type) and issubclass(model, nn.Module):
        raise NNArchError(f"{model.__name__} is a class, not a network: make one with {model.__name__}()")
    raise NNArchError(f"expected a torch.nn.Module but got {shorten(repr(model))} ({type(model).__name__})")


def name_of(model: nn.Module) -> str:
    """Return the name a result shows for the network: its own, or its class's."""
    return str(getattr(model, "nnarch_name", None) or type(model).__name__)


def above(path: str) -> Iterator[str]:
    """Yield the path and those above it, without the network's own.

    Examples
    --------
    >>> list(above("h.0.attn"))
    ['h.0.attn', 'h.0', 'h']
    """
    while path:
        yield path
        path = path.rpartition(".")[0]


def modules_of(model: nn.Module) -> list[nn.Module]:
    """Return every module of the network once, those too that it holds without registering them.

    A teacher, a critic or a frozen extractor is often put into a list so that its weights are not trained.
    """
    found: dict[int, nn.Module] = {}
    waiting = [model]
    while waiting:
        module = waiting.pop()
        if id(module) not in found:
            found[id(module)] = module
            waiting += [*module.children(), *held_aside(module)][::-1]
    return list(found.values())


def held_aside(module: nn.Module) -> list[nn.Module]:
    """Return the modules among the attributes of this one, in containers and in objects of a user's own."""
    if isinstance(module, torch.jit.ScriptModule):
        return []
    values = [value for name, value in vars(module).items() if name not in TORCHS_OWN]
    return [found for value in values for found in modules_in(value, NESTING)]


def modules_in(value: Any, nesting: int) -> list[nn.Module]:
    if isinstance(value, nn.Module):
        return [value]
    if nesting and isinstance(value, CONTAINERS):
        parts = list(value.values() if isinstance(value, dict) else value)
    elif nesting and is_users(type(value)):
        parts = list(getattr(value, "__dict__", {}).values())
    else:
        return []
    return [found for part in parts for found in modules_in(part, nesting - 1)]


def is_users(code: Any) -> bool:
    """Whether a class or function is of the user's own code: of a notebook, or a package not installed."""
    return is_users_package(str(getattr(code, "__module__", None) or "builtins").partition(".")[0])


@functools.cache
def is_users_package(name: str) -> bool:
    if name == "__main__" or name in FOREIGN:
        return name == "__main__"
    module = sys.modules.get(name)
    path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")
    return not INSTALLED & {*Path(path).parts}
