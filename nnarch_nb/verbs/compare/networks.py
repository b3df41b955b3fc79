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
        found = {str(name): as_network(model) for name, model in models.items()}
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
        A list is longer or shorter than that of the networks, or a dict names only some of them.
    """
    if isinstance(given, Mapping) and set(given) & set(names):
        return from_dict(given, names, what)
    if isinstance(given, list) and given and not is_shape(given):
        if len(given) != len(names):
            raise NNArchError(
                f"{what} is a list of {len(given)} for {len(names)} networks ({shorten(', '.join(names))}): "
                "give one for each, or a tuple of tensors for all"
            )
        return dict(zip(names, given, strict=True))
    return dict.fromkeys(names, given)


def from_dict(given: Mapping[str, Any], names: list[str], what: str) -> dict[str, Any]:
    for name in names:
        if name not in given:
            raise NNArchError(f"{what} has nothing for the network {name!r}: add it")
    for name in given:
        if name not in names:
            raise NNArchError(f"{what} names {name!r}, which is no network.{did_you_mean(str(name), names)}")
    return dict(given)
