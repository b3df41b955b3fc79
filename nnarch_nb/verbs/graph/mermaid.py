"""The picture in Mermaid's language, which GitHub and many wikis draw.

A label is quoted, and every character that Mermaid, Markdown or HTML may take for its own is written
as a number: ``#60;`` for ``<``.
"""

from __future__ import annotations

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.graph.dot import FILLS
from nnarch_nb.verbs.graph.parts import Direction, Edge, Group, Node

PLAIN = set(" .:,_-×–−+÷=@%…")
ARROWS = {"flow": "-->", "skip": "==>", "repeat": "-.->"}


def source(
    nodes: tuple[Node, ...], edges: tuple[Edge, ...], groups: tuple[Group, ...], direction: Direction
) -> str:
    """Return the Mermaid source."""
    lines = [f"flowchart {'TD' if direction == 'down' else 'LR'}"]
    lines += inside(None, nodes, groups, 1)
    lines += [f"  {line(edge)}" for edge in edges]
    families = {family: fill[:7] for family, fill in FILLS.items()}
    lines += [f"  classDef {family} stroke:{colour}" for family, colour in families.items()]
    lines += ["  classDef wrong stroke:#D55E00,stroke-width:3px", "  classDef frozen stroke-dasharray:3 2"]
    return "\n".join([*lines, *classes(nodes)]) + "\n"


def inside(frame: int | None, nodes: tuple[Node, ...], groups: tuple[Group, ...], depth: int) -> list[str]:
    """Return what stands directly in a frame, and the frames in it."""
    indent = "  " * depth
    found = [f"{indent}{box(node)}" for node in nodes if node.group == frame]
    for group in groups:
        if group.parent == frame:
            found.append(f"{indent}subgraph g{group.id}[{quoted(group.label)}]")
            found += [*inside(group.id, nodes, groups, depth + 1), f"{indent}end"]
    return found


def box(node: Node) -> str:
    text = f'{quoted(node.text)[:-1]}<br/>{written(node.wrong)}"' if node.wrong else quoted(node.text)
    return f"n{node.id}([{text}])" if not node.type else f"n{node.id}[{text}]"


def line(edge: Edge) -> str:
    label = f"|{quoted(edge.label)}|" if edge.label else ""
    return f"n{edge.source} {ARROWS[edge.kind]}{label} n{edge.target}"


def classes(nodes: tuple[Node, ...]) -> list[str]:
    """Return which boxes have which look."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        names = [layer_family(node.type)] if node.type and layer_family(node.type) in FILLS else []
        names += ["frozen"] * node.frozen + ["wrong"] * bool(node.wrong)
        for name in names:
            found.setdefault(name, []).append(f"n{node.id}")
    return [f"  class {','.join(numbers)} {name}" for name, numbers in found.items()]


def quoted(text: str) -> str:
    return f'"{written(text)}"'


def written(text: str) -> str:
    """Return the text as Mermaid reads it back.

    Examples
    --------
    >>> written("fc: Linear<b>")
    'fc: Linear#60;b#62;'
    """
    return "".join(c if c.isalnum() or c in PLAIN else f"#{ord(c)};" for c in text)
