"""Which networks are compared, under which names, and what each is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from nnarch_nb.core.inputs import is_shape
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.errors import NNArchError, did_you_mean, shorten

ADVICE = "give a network, a list of networks, or a dict from names to networks"


def named(models: Any) -> dict[str, nn.Module]:
    """Return the networks by their names: those of a dict, else their classes' made distinct.

    Raises
    ------
    NNArchError
        There is none, or something is no network.
    """
    if isinstance(models, (Mapping, nn.ModuleDict)):
        found = by_name(models)
    elif isinstance(models, (list, tuple, nn.ModuleList)):
        networks = list(map(as_network, models))
        found = dict(zip(distinct(list(map(name_of, networks))), networks, strict=True))
    elif isinstance(models, nn.Module):
        found = {name_of(models): models}
    else:
        raise NNArchError(f"cannot compare {shorten(repr(models))} ({type(models).__name__}): {ADVICE}")
    if not found:
        raise NNArchError(f"there is nothing to compare: {ADVICE}")
    return found


def by_name(models: Mapping[Any, Any] | nn.ModuleDict) -> dict[str, nn.Module]:
    """Return the networks by the text of their names, of which each has to have one of its own."""
    found: dict[str, nn.Module] = {}
    for key, model in models.items():
        name = str(key)
        if not name.strip():
            raise NNArchError("a network has an empty name: give each a name of its own")
        if name in found:
            raise NNArchError(f"two networks are called {name!r}: give each a name of its own")
        found[name] = as_network(model)
    return found


def distinct(names: list[str]) -> list[str]:
    """Return the names, with a number behind one that came before.

    Examples
    --------
    >>> distinct(["Net", "Net", "Other", "Net"])
    ['Net', 'Net 2', 'Other', 'Net 3']
    """
    given: list[str] = []
    for name in names:
        numbered = (name if n == 1 else f"{name} {n}" for n in range(1, len(names) + 2))
        given.append(next(each for each in numbered if each not in given))
    return given


def for_each(given: Any, names: list[str], what: str) -> dict[str, Any]:
    """Return what each network is given: the same, or its own from a list or a dict of their names.

    Raises
    ------
    NNArchError
        A list is longer or shorter than that of the networks, a dict names only some of them, or it is
        a network.
    """
    refuse_network(given, what)
    if isinstance(given, Mapping) and set(map(str, given)) & set(names):
        return from_dict({str(name): own for name, own in given.items()}, names, what)
    if isinstance(given, list) and given and not is_shape(given):
        if len(given) != len(names):
            raise NNArchError(
                f"{what} is a list of {len(given)} for {len(names)} networks ({shorten(', '.join(names))}): "
                "give one for each, or a tuple of tensors for all"
            )
        return dict(zip(names, given, strict=True))
    return dict.fromkeys(names, given)


def refuse_network(given: Any, what: str) -> None:
    """Raise an error for networks one after the other, where they have to stand together."""
    parts = given if isinstance(given, (list, tuple)) else [given]
    network = next((part for part in parts if isinstance(part, nn.Module)), None)
    if network is not None:
        raise NNArchError(
            f"{what} is a network ({name_of(network)}): write the networks together and their inputs after "
            "them, mlp,cnn 1,28,28 on a line or compare([mlp, cnn], (1, 28, 28)) in Python"
        )


def from_dict(given: Mapping[str, Any], names: list[str], what: str) -> dict[str, Any]:
    for name in given:
        if name not in names:
            raise NNArchError(f"{what} names {name!r}, which is no network.{did_you_mean(name, names)}")
    for name in names:
        if name not in given:
            raise NNArchError(f"{what} has nothing for the network {name!r}: add it")
    return dict(given)
