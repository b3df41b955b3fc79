"""A network made by ``build``: its layers as written, with what they turned out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.verbs.build.python import to_python
from nnarch_nb.verbs.build.saving import packed
from nnarch_nb.views import numbers
from nnarch_nb.views.network_rows import Line, lines
from nnarch_nb.views.network_tree import nodes
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.network import Sequence

EXPORTS = {".safetensors": packed, ".py": to_python}  # what a network saves as beside its picture
INDENT = 16  # pixels
MOST_ROWS = 105


def html(network: Sequence) -> str:
    found = lines(nodes(network.plan, network), unfold=True)
    return render(
        "network.html.j2",
        title=network.nnarch_name,
        subtitle=subtitle(network),
        strip=strip(network),
        caption=caption(found),
        rows=found[:MOST_ROWS],
        more=max(0, len(found) - MOST_ROWS),
        indent=INDENT,
        groups=max((line.group for line in found), default=0),
        total=parameters(network),
        spec=network.spec if any(line.node.inside for line in found) else "",
        trust=trust(network),
    )


def text(network: Sequence) -> str:
    found = lines(nodes(network.plan, network), unfold=False)
    table = [["layer", "name", "output", "parameters"], *map(told, found[:MOST_ROWS])]
    more = f"\n… {len(found) - MOST_ROWS:,} more" if len(found) > MOST_ROWS else ""
    head = heading(network.nnarch_name, subtitle(network), strip(network))
    return f"{head}\n\n{columns(table, left=2)}{more}\n\n{trust(network)}"


def told(line: Line) -> list[str]:
    node = line.node
    copies = f" ×{node.copies:,}" if node.copies > 1 else ""
    note = f"  {line.note}" if line.note and node.inside else ""
    written = f"{'  ' * line.level}{node.text}{copies}{note}"
    return [written, node.name, numbers.shape(node.shape), numbers.count(node.params)]


def caption(found: list[Line]) -> str:
    copies = any(line.node.copies > 1 for line in found)
    return "Layers as written" + ("; ×N: so many copies, parameters of all, within of one" if copies else "")


def subtitle(network: Sequence) -> str:
    if network.input_shape is None or not network.shapes:
        return "input not given"
    return f"{numbers.shape(network.input_shape)} → {numbers.shape(network.shapes[-1])}"


def strip(network: Sequence) -> list[Figure]:
    layers = sum(node.leaves for node in nodes(network.plan, network))
    held = sum(p.numel() * p.element_size() for p in network.parameters())
    return [
        Figure(numbers.short(parameters(network)), "parameters"),
        Figure(f"{layers:,}", "layers" if layers != 1 else "layer"),
        *([Figure(numbers.short(held, "B"), "of weights")] if held else []),
    ]


def parameters(network: Sequence) -> int:
    return sum(p.numel() for p in network.parameters())


def trust(network: Sequence) -> str:
    sizes = "given by each layer" if network.input_shape is None else "inferred without computing"
    source = f" Architecture: {network.source}." if network.source else ""
    return f"Sizes {sizes}. Initial values with seed {network.seed}: {network.initialised}.{source}"
