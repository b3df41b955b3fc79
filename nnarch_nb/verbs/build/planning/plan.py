"""What a network will be, before any of it is allocated: the arguments and shapes of every layer.

The layers are run one by one on ``meta``, which costs neither memory nor time. A combinator plans what it
holds; copies that get what the one before them got are planned once. What is too large to be made is told
from the plan.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer, Path
from nnarch_nb.verbs.build.language.cure import Cure, told
from nnarch_nb.verbs.build.layers.batch import output_of
from nnarch_nb.verbs.build.layers.readings import settled
from nnarch_nb.verbs.build.planning import padding
from nnarch_nb.verbs.build.planning.flow import Flow
from nnarch_nb.verbs.build.planning.limits import copies_of, refuse_too_large, refuse_too_many
from nnarch_nb.verbs.build.planning.meeting import joined, summed


@dataclass(frozen=True)
class Plan:
    """One layer of a network that can be made.

    Attributes
    ----------
    layer
        As written.
    name
        Of the module among its siblings.
    given
        The arguments by name, those inferred among them; empty for a combinator.
    shape
        Of the output for one sample; None where the input is not known.
    inside
        What a combinator runs: one path each, and for ``Repeat`` one each copy.
    bytes
        Of all its parameters and buffers.
    """

    layer: Layer
    name: str
    given: dict[str, Any] = field(default_factory=dict)
    shape: tuple[int, ...] | None = None
    inside: tuple[tuple[Plan, ...], ...] = ()
    bytes: int = 0


@dataclass
class Planner:
    """Plans layers in order; remembers the first embedding, whose weights ``Unembed`` shares."""

    embedding: dict[str, Any] | None = None

    def path(self, layers: Path, flow: Flow) -> tuple[tuple[Plan, ...], Flow]:
        """Return the plans of layers in a row and what flows out of them."""
        plans = []
        for layer, name in zip(layers, named(layers), strict=True):
            plan, flow = self.one(layer, flow)
            plans.append(replace(plan, name=name))
        return tuple(plans), flow

    def one(self, layer: Layer, flow: Flow) -> tuple[Plan, Flow]:
        """Return the plan of a layer or combinator and what flows out of it."""
        if not layer.combines:
            return self.leaf(layer, flow)
        if layer.name == "Repeat":
            inside, after = self.copies(layer, flow)
        elif layer.name == "Branch":
            path, after = self.path(layer.paths[0], flow)
            inside = (path,)
        else:
            inside, after = self.side_by_side(layer, flow)
        total = sum(plan.bytes for path in inside for plan in path)
        return Plan(layer, "", {}, after.shape, inside, total), after

    def leaf(self, layer: Layer, flow: Flow) -> tuple[Plan, Flow]:
        written = self.tied(layer) if layer.name == "Unembed" else layer
        made = settled(written, flow.x)
        if layer.name == "Unembed":
            self.refuse_other_width(layer, made.given)
        if self.embedding is None and isinstance(made.module, nn.Embedding):
            self.embedding = made.given
        after = flow
        if flow.x is not None:
            after = Flow(output_of(written, made.module, flow.x))
            after = replace(after, padded=padding.after(layer, made.module, flow, after))
        needed = 0 if layer.name == "Unembed" else bytes_of(made.module)
        return Plan(layer, "", made.given, after.shape, (), needed), after

    def tied(self, layer: Layer) -> Layer:
        """Return ``Unembed`` with the size of the vocabulary that the first embedding has."""
        if layer.args or layer.kwargs:
            raise NNArchError(f"{layer.place}: Unembed() takes no arguments: its weights are the embedding's")
        if self.embedding is None:
            raise NNArchError(
                f"{layer.place}: Unembed() shares the weights of an Embedding before it and there is none; "
                f"add one, or write Linear with the size of the vocabulary"
            )
        return replace(layer, kwargs=(("vocab_size", self.embedding["num_embeddings"]),))

    def refuse_other_width(self, layer: Layer, given: dict[str, Any]) -> None:
        """Refuse an ``Unembed`` whose input the embedding's weights cannot be applied to."""
        wide = (self.embedding or {})["embedding_dim"]
        if given["dim"] != wide:
            raise told(
                f"{layer.place}: Unembed() gets {given['dim']} features but the Embedding, whose weights it "
                f"shares, has {wide}; write Linear({wide}) before it",
                [Cure("before", f"Linear({wide})")],
            )

    def copies(self, layer: Layer, flow: Flow) -> tuple[tuple[tuple[Plan, ...], ...], Flow]:
        """Return the plan of each copy; one that hands on what it got is the plan of all that follow."""
        found: list[tuple[Plan, ...]] = []
        count = copies_of(layer)
        while len(found) < count:
            path, after = self.path(layer.paths[0], flow)
            path = (
                found[-1] if found and found[-1] == path else path
            )  # the first may differ in its input alone
            settled_down = flow.x is None or after.alike(flow)
            found += [path] * (count - len(found) if settled_down else 1)
            flow = replace(after, first=False)
        return tuple(found), flow

    def side_by_side(self, layer: Layer, flow: Flow) -> tuple[tuple[tuple[Plan, ...], ...], Flow]:
        """Return the plans of paths that start from the same input, and where they meet."""
        inner = replace(flow, first=flow.first and layer.name != "Residual")
        planned = [self.path(path, inner) for path in layer.paths]
        flows = [after for _, after in planned]
        if layer.name == "Residual" and len(flows) == 1:
            flows = [*flows, flow]  # nothing is done on the way around
        meet = joined if layer.name == "Concat" else summed
        return tuple(path for path, _ in planned), meet(layer, flow, flows)


def planned(layers: Path, example: torch.Tensor | None) -> tuple[tuple[Plan, ...], Flow]:
    """Return the plan of a network; everything is on ``meta``.

    Raises
    ------
    NNArchError
        A layer cannot be made or does not fit what comes before it, with its place; the network has too many
        layers or weights for this machine.
    """
    refuse_too_many(layers)
    plans, after = Planner().path(layers, Flow.of(example))
    refuse_too_large(sum(plan.bytes for plan in plans))
    return plans, after


def bytes_of(module: nn.Module) -> int:
    return sum(t.numel() * t.element_size() for t in (*module.parameters(), *module.buffers()))


def named(layers: Path) -> list[str]:
    """Return readable names in order: ``conv1, relu1, conv2 …``; a part is called by its own name.

    Examples
    --------
    >>> from nnarch_nb.verbs.build.language import read
    >>> named(read("Conv2d(8, 3), ReLU(), Conv2d(8, 3), Flatten()"))
    ['conv1', 'relu1', 'conv2', 'flatten1']
    """
    seen: Counter[str] = Counter()
    names: dict[str, None] = {}
    for layer in layers:
        short = layer.label or re.sub(r"\dd$", "", layer.name).lower()
        stem = f"{short}_" if short[-1].isdigit() else short  # relu6_1 is not the 61st ReLU
        seen[stem] += 1
        while f"{stem}{seen[stem]}" in names:  # a part may be called relu6_
            seen[stem] += 1
        names[f"{stem}{seen[stem]}"] = None
    return list(names)
