"""Frames around the boxes of one module, or of copies alike, where they help."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from nnarch_nb.verbs.graph.parts import Group, Node
from nnarch_nb.verbs.graph.units import Frame, Unit


def framed(nodes: tuple[Node, ...], units: list[Unit]) -> tuple[tuple[Node, ...], tuple[Group, ...]]:
    """Return the nodes, each with the frame it stands in, and the frames, outer before inner."""
    useful = worth_drawing(units)
    chains = [[frame for frame in unit.frames if frame.key in useful] for unit in units]
    numbers: dict[object, int] = {}
    groups: list[Group] = []
    for chain in sorted(chains, key=len):
        for frame, outer in zip(chain, [None, *chain], strict=False):
            if frame.key not in numbers:
                numbers[frame.key] = len(groups)
                parent = numbers[outer.key] if outer else None
                groups.append(Group(len(groups), parent, frame.path, frame.type, frame.label, frame.count))
    placed = (
        replace(node, group=numbers[chain[-1].key] if chain else None)
        for node, chain in zip(nodes, chains, strict=True)
    )
    return tuple(placed), tuple(groups)


def worth_drawing(units: list[Unit]) -> set[object]:
    """Return the keys of the frames around copies, and around two boxes that no other frame holds alone."""
    chains = [unit.frames for unit in units]
    held = Counter(frame.key for chain in chains for frame in chain)
    doubled = {key for chain in chains for key in doubles(chain, held)}
    frames = {frame.key: frame for chain in chains for frame in chain}
    return {key for key, frame in frames.items() if frame.count > 1 or (held[key] > 1 and key not in doubled)}


def doubles(chain: tuple[Frame, ...], held: Counter[object]) -> list[object]:
    """Return the frames that hold the very same boxes as another one in them, or as a run around them."""
    found = []
    for place, frame in enumerate(chain):
        rest = [*chain[place + 1 :], *(other for other in chain[:place] if other.count > 1)]
        if any(held[other.key] == held[frame.key] for other in rest):
            found.append(frame.key)
    return found
