"""A network made by ``build``: its layers as written, with what they turned out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.build.python import to_python
from nnarch_nb.verbs.build.saving import packed
from nnarch_nb.views import numbers
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.network import Sequence

EXPORTS = {".safetensors": packed, ".py": to_python}  # what a network saves as beside its picture


def html(network: Sequence) -> str:
    return render(
        "network.html.j2",
        title=network.nnarch_name,
        subtitle=subtitle(network),
        strip=strip(network),
        rows=rows(network),
        trust=trust(network),
    )


def text(network: Sequence) -> str:
    table = [["layer", "name", "output", "parameters"]]
    table += [
        [row["layer"], row["name"], row["output"], numbers.count(row["params"])] for row in rows(network)
    ]
    head = heading(network.nnarch_name, subtitle(network), strip(network))
    return f"{head}\n\n{columns(table, left=2)}\n\n{trust(network)}"


def subtitle(network: Sequence) -> str:
    if network.input_shape is None:
        return "input not given"
    return f"{numbers.shape(network.input_shape)} → {numbers.shape(network.shapes[-1])}"


def strip(network: Sequence) -> list[Figure]:
    params = sum(p.numel() for p in network.parameters())
    return [
        Figure(numbers.short(params), "parameters"),
        Figure(str(len(network)), "layers" if len(network) != 1 else "layer"),
    ]


def rows(network: Sequence) -> list[dict]:
    return [
        {
            "layer": str(plan.layer),
            "name": name,
            "family": layer_family(plan.layer.name),
            "output": numbers.shape(plan.shape),
            "params": sum(p.numel() for p in module.parameters()),
        }
        for plan, (name, module) in zip(network.plan, network.named_children(), strict=True)
    ]


def trust(network: Sequence) -> str:
    sizes = "given by each layer" if network.input_shape is None else "inferred without computing"
    return f"Sizes {sizes}. Weights by torch's own initialisation, seed {network.seed}; not trained."
