"""A change that may mend a draft, in words and as the layers after it, and what all kinds of change need."""

from __future__ import annotations

from nnarch_nb.errors import shorten
from nnarch_nb.verbs.build.draft.trying import Address
from nnarch_nb.verbs.build.language import Layer, Path
from nnarch_nb.verbs.build.layers.arguments import SIZED

Candidate = tuple[str, Path]


def before(at: Address, place: int) -> Address:
    """Return the row after which something is inserted to stand at a place of the same path."""
    return (*at[:-1], place - 1) if place else at[:-1]


def written_size(layer: Layer) -> int | None:
    """Return the input size that is written out in torch's own spelling."""
    name = SIZED.get(layer.name, ("",))[0]
    value = dict(layer.kwargs).get(name, layer.args[0] if layer.own and layer.args else None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def listed(layers: Path) -> str:
    return shorten(", ".join(map(str, layers)), 90)
