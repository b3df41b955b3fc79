"""Questions asked of any network."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError, shorten

CONTAINERS = (list, tuple, dict)


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
    """Return the modules in the lists, tuples and dicts that are attributes of this one."""
    if isinstance(module, torch.jit.ScriptModule):
        return []
    values = (value for name, value in vars(module).items() if not name.startswith("_"))
    held = (list(v.values()) if isinstance(v, dict) else v for v in values if isinstance(v, CONTAINERS))
    return [item for items in held for item in items if isinstance(item, nn.Module)]
