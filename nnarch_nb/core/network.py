"""Questions asked of any network."""

from __future__ import annotations

from typing import Any

from torch import nn

from nnarch_nb.errors import NNArchError, shorten


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
