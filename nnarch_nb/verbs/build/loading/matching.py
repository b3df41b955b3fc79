"""Which tensor of a file goes where: by a layout's table, and in our form where only the form differs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import torch
from torch import nn

from nnarch_nb.verbs.build.loading.files import Tensors
from nnarch_nb.verbs.build.loading.layouts import FORMER, LAYOUTS, PREFIXES, Layout

PLACES = {"b": r"(?P<b>\d+(?:\.(?:layers\.)?\d+)?)", "n": r"(?P<n>\d+)", "m": r"(?P<m>\d+)"}
PART = re.compile(r"\[(\d)\]")  # which third of one matrix
OWN = Layout("nnarch_nb", sign="", names={})


@dataclass(frozen=True)
class Place:
    """Where a tensor goes.

    Attributes
    ----------
    name
        Of ours.
    part
        Which third of it; None for the whole.
    turned
        Whether its rows are our columns.
    """

    name: str
    part: int | None = None
    turned: bool = False


@dataclass
class Match:
    """What was found for the tensors of a network.

    Attributes
    ----------
    tensors
        By our names.
    reshaped
        Those whose form was changed, and how.
    unexpected, ignored
        The file's names that have no place, and those that need none.
    strange
        Those among the unexpected that the layout knows: the network is another one.
    """

    tensors: Tensors = field(default_factory=dict)
    reshaped: dict[str, str] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def bare(name: str) -> str:
    """Return a name without what wraps the network.

    Examples
    --------
    >>> bare("module.transformer.h.0.ln_1.weight")
    'h.0.ln_1.weight'
    """
    while (prefix := next(filter(name.startswith, PREFIXES), None)) is not None:
        name = name.removeprefix(prefix)
    return name


def layout_of(names: Iterable[str]) -> Layout | None:
    """Return the layout that has these names."""
    found = set(map(bare, names))
    return next((layout for layout in LAYOUTS if layout.sign in found), None)


def unwrapped(tensors: Tensors, ours: Iterable[str]) -> Tensors:
    """Return the tensors without the attribute that they all are under (``net.conv1.weight``).

    Parameters
    ----------
    tensors
        By the file's names; those that are known as they stand are left.
    ours
        The network's names, as far as they are known.
    """
    known = set(ours)
    while layout_of(tensors) is None and known.isdisjoint(map(bare, tensors)):
        outer = {name.partition(".")[::2] for name in tensors}
        if len({first for first, _ in outer}) > 1 or not all(rest for _, rest in outer):
            break
        tensors = {name.partition(".")[2]: tensor for name, tensor in tensors.items()}
    return tensors


def matched(tensors: Tensors, layout: Layout, network: nn.Module) -> Match:
    """Return what the file has for the network; shapes may still differ."""
    ours = network.state_dict()
    match = Match()
    parts: dict[str, dict[int, torch.Tensor]] = {}
    for name, (key, place) in places(tensors, layout, list(ours)).items():
        if place is None or place.name not in ours or place.name in match.tensors:
            ignored = any(re.fullmatch(f"{pattern}.*", key) for pattern in layout.ignored)
            (match.ignored if ignored else match.unexpected).append(name)
            if place is not None and place.name not in ours and key.rpartition(".")[0] != layout.head:
                match.strange.append(name)
        elif place.part is not None:
            parts.setdefault(place.name, {})[place.part] = tensors[name]
        else:
            match.tensors[place.name] = fitted(tensors[name], place, ours[place.name].shape, match)
    for name, thirds in parts.items():
        match.tensors[name] = torch.cat([thirds[i] for i in sorted(thirds)])
        match.reshaped[name] = f"{len(thirds)} joined"
    return match


def places(tensors: Tensors, layout: Layout, ours: list[str]) -> dict[str, tuple[str, Place | None]]:
    """Return for each name of the file the name without prefixes and where it goes."""
    if layout is OWN:
        keys = {name: name if name in ours else bare(name) for name in tensors}
        return {name: (key, Place(key)) for name, key in keys.items()}
    bares = {name: bare(name) for name in tensors}
    numbers = sorted({b for key in bares.values() if (b := block_of(key, layout))}, key=counted)
    blocks = dict(zip(numbers, blocks_in(ours), strict=False))
    return {name: (key, place_of(key, layout, blocks)) for name, key in bares.items()}


def place_of(key: str, layout: Layout, blocks: dict[str, str]) -> Place | None:
    """Return where a tensor goes: by its whole name, or by its layer's."""
    layer, _, parameter = key.rpartition(".")
    for said, ending in ((key, ""), (layer, f".{FORMER.get(parameter, parameter)}")):
        for pattern, theirs, name in rules(layout):
            found = pattern.fullmatch(said)
            if found is None:
                continue
            values = found.groupdict()
            number = values.get("n") or str(int(values.get("m") or 0) + 1)
            name = name.replace("{block}", blocks.get(values.get("b", ""), "no block"))
            name = re.sub(r"\{[nm]\}", number, name)
            part = PART.search(name)
            turned = theirs in layout.turned and ending == ".weight"
            return Place(PART.sub("", name) + ending, int(part[1]) if part else None, turned)
    return None


@cache
def _patterns(names: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    found = []
    for theirs, name in names:
        pattern = re.escape(theirs)
        for place, numbers in PLACES.items():
            pattern = pattern.replace(rf"\{{{place}\}}", numbers)
        found.append((re.compile(pattern), theirs, name))
    return tuple(found)


def rules(layout: Layout) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Return the layout's table as patterns, with both names."""
    return _patterns(tuple(layout.names.items()))


def block_of(key: str, layout: Layout) -> str | None:
    """Return the number of the block that a tensor is in."""
    for said in (key, key.rpartition(".")[0]):
        for pattern, _, _ in rules(layout):
            found = pattern.fullmatch(said)
            if found is not None and "b" in found.groupdict():
                return found["b"]
    return None


def counted(number: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", number)]


def blocks_in(ours: list[str]) -> list[str]:
    """Return the paths of our blocks in order: what holds a ``residual1``."""
    return list(dict.fromkeys(name.split(".residual1.")[0] for name in ours if ".residual1." in name))


def fitted(tensor: torch.Tensor, place: Place, shape: torch.Size, match: Match) -> torch.Tensor:
    """Return the tensor in our form, where only the form differs."""
    if place.turned and tensor.dim() == 2:
        match.reshaped[place.name] = "transposed"
        return tensor.t()
    lean = [size for size in tensor.shape if size != 1]
    if tensor.shape != shape and lean == [size for size in shape if size != 1]:
        match.reshaped[place.name] = f"from {tuple(tensor.shape)}"
        return tensor.reshape(shape)
    return tensor
