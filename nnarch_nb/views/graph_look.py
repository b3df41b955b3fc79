"""What colours, strokes and signs of a graph mean: one place for the drawing, the pixels and the legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.core.layers import OTHER, layer_family
from nnarch_nb.verbs.graph.parts import share_text
from nnarch_nb.views.theme import family_colour

if TYPE_CHECKING:
    from nnarch_nb.verbs.graph import Graph, Node

RED = "#D55E00"
# The colours of "cividis" (Nuñez, Anderton and Renslow, PLOS ONE 13, 2018), dark for little.
CIVIDIS = (
    "#00224e", "#123570", "#3b496c", "#575d6d", "#707173",
    "#8a8779", "#a59c74", "#c3b369", "#e1cc55", "#fee838",
)  # fmt: skip
FIRST_LIGHT = 5  # from this one on, dark text reads better than light
INK_LIGHT, INK_DARK = "#fff", "#111"
WHAT = {
    "macs": "the multiply-accumulates",
    "params": "the parameters",
    "memory": "the memory of what the steps return",
    "time": "the time of a forward run",
}


@dataclass(frozen=True)
class Stroke:
    """How a line looks: its width, and its dashes if it has any."""

    width: int = 1
    dashes: tuple[int, ...] = ()


STROKES = {"flow": Stroke(), "skip": Stroke(2), "repeat": Stroke(1, (4, 3))}
FROZEN = (3, 2)  # dashes of its border


@dataclass(frozen=True)
class Paint:
    """The colour of a box; ``solid`` where it says how much, with the ink that reads on it."""

    colour: str
    solid: bool = False
    ink: str = ""


@dataclass(frozen=True)
class Sign:
    """An entry of the legend: a dot, a line, a border or a character, and what it means."""

    words: str
    colour: str = ""
    line: Stroke | None = None
    border: str = ""
    character: str = ""


def paint_of(node: Node, graph: Graph) -> Paint:
    """Return the colour of a box; none for what is no step."""
    if node.wrong:
        return Paint(RED)
    if graph.heat and node.heat:
        place = place_of(node.heat, hottest(graph))
        return Paint(CIVIDIS[place], True, INK_DARK if place >= FIRST_LIGHT else INK_LIGHT)
    if graph.heat and node.type:
        return Paint(family_colour(OTHER))
    return Paint(family_colour(layer_family(node.type)) if node.type else "")


def hottest(graph: Graph) -> float:
    return max((node.heat for node in graph.nodes if node.heat), default=0.0)


def place_of(share: float, most: float) -> int:
    return min(len(CIVIDIS) - 1, int(share / most * len(CIVIDIS))) if most else 0


def legend(graph: Graph) -> list[Sign]:
    """Return what the picture uses, and nothing else."""
    return [*(scale(graph) if graph.heat else families(graph)), *lines(graph), *marks(graph)]


def families(graph: Graph) -> list[Sign]:
    found = dict.fromkeys(layer_family(node.type) for node in graph.nodes if node.type and not node.wrong)
    coloured = [family for family in found if family_colour(family) != family_colour(OTHER)]
    grey = [Sign(OTHER, colour=family_colour(OTHER))] if len(found) > len(coloured) else []
    return [*(Sign(family, colour=family_colour(family)) for family in coloured), *grey]


def scale(graph: Graph) -> list[Sign]:
    """Return the scale of the heat, from the least to the most."""
    most = hottest(graph)
    shares = [most * part / 4 for part in range(5)]
    words = ["0 %", *map(share_text, shares[1:])] if most else ["not measured"]
    signs = [
        Sign(text, CIVIDIS[place_of(share, most)] if most else "")
        for text, share in zip(words, shares, strict=False)
    ]
    unknown = any(node.heat is None and node.type and node.kind != "more" for node in graph.nodes)
    of_what = Sign(f"share of {WHAT[graph.heat or 'macs']}")
    return [of_what, *signs, *([Sign("not measured", family_colour(OTHER))] if unknown and most else [])]


def lines(graph: Graph) -> list[Sign]:
    kinds = {edge.kind for edge in graph.edges}
    skip = [Sign("passes by and is joined", line=STROKES["skip"])] if "skip" in kinds else []
    back = [Sign("on to the next copy", line=STROKES["repeat"])] if "repeat" in kinds else []
    return [*skip, *back]


def marks(graph: Graph) -> list[Sign]:
    found = []
    if any(part.count > 1 for part in graph.groups) or any(node.copies > 1 for node in graph.nodes):
        found.append(Sign("copies alike, drawn once", character="×N"))
    if any(node.frozen for node in graph.nodes):
        found.append(Sign("frozen", border="dashed"))
    if any(node.shares for node in graph.nodes):
        found.append(Sign("weights shared", character="="))
    if any(node.wrong for node in graph.nodes):
        found.append(Sign("stopped here", colour=RED))
    return found
