"""How large a network may be: told from its text or its plan, before any of it is made."""

from __future__ import annotations

from nnarch_nb.core.options import is_whole
from nnarch_nb.core.room import memory_bytes
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer, Path

MOST_MODULES = 10_000


def refuse_too_many(layers: Path) -> None:
    """Refuse copies beyond number before the first of them is planned."""
    counted: dict[int, int] = {}  # a part that is used often is one object: it is counted once
    total = sum(modules_in(layer, counted) for layer in layers)
    if total > MOST_MODULES:
        raise NNArchError(
            f"the network would have {told(total)} layers; at most {MOST_MODULES:,} are built: "
            f"repeat fewer times"
        )


def told(count: int) -> str:
    return f"{count:,}" if count < 10**15 else "more than 10^15"


def modules_in(layer: Layer, counted: dict[int, int]) -> int:
    """Return how many modules a layer stands for, copies included."""
    if id(layer) not in counted:
        inner = sum(modules_in(each, counted) for path in layer.paths for each in path)
        counted[id(layer)] = 1 + inner * (copies_of(layer) if layer.name == "Repeat" else 1)
    return counted[id(layer)]


def copies_of(layer: Layer) -> int:
    """Return how often ``Repeat`` repeats."""
    if not layer.args or not is_whole(layer.args[0]) or layer.args[0] < 1:
        raise NNArchError(
            f"{layer.place}: Repeat begins with how often, at least once: Repeat(3, Linear(64))"
        )
    return int(layer.args[0])


def refuse_too_large(needed: int) -> None:
    """Refuse weights of more bytes than this machine has."""
    if needed > (most := memory_bytes()):
        raise NNArchError(
            f"the weights need {needed / 2**30:,.0f} GiB but this machine has {most / 2**30:,.0f} GiB"
        )
