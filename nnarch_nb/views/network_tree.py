"""A built network as a tree to be read: its layers as written, nested as they run, copies once.

The tree is made of the plan and the modules. What only wraps one thing is no node of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.layers import OTHER, layer_family

if TYPE_CHECKING:
    from nnarch_nb.verbs.build.planning.plan import Plan

INFERRED = ("in_features", "in_channels", "input_size")  # worth telling: what a reader would have to work out


@dataclass(frozen=True)
class Node:
    """One layer, or layers that belong together.

    Attributes
    ----------
    text
        As written, or what it is.
    name
        Of the module.
    copies
        How many one after the other.
    family, shape, params
        Its colour, the output for one sample, and the parameters of all copies; None where it is not known.
    note
        What stands in grey beside the text.
    leaves
        How many layers it holds, copies included.
    inside
        What it runs; of several copies, one.
    """

    text: str
    name: str
    copies: int = 1
    family: str = OTHER
    shape: tuple[int, ...] | None = None
    params: int | None = 0
    note: str = ""
    leaves: int = 1
    inside: tuple[Node, ...] = ()

    def times(self, copies: int, name: str) -> Node:
        """Return so many of it."""
        params = None if self.params is None else self.params * copies
        leaves = self.leaves * copies
        return replace(self, copies=self.copies * copies, name=name, params=params, leaves=leaves)


def nodes(plans: tuple[Plan, ...], parent: Any) -> tuple[Node, ...]:
    """Return a node for each layer in a row; ``parent`` is the module that holds them."""
    return tuple(node(plan, child(parent, plan.name)) for plan in plans)


def child(parent: Any, name: str) -> Any:
    """Return a module by its name; None where somebody took it out since."""
    return getattr(parent, name, None)


def node(plan: Plan, module: Any) -> Node:
    if not plan.layer.combines:
        return leaf(plan, module)
    if plan.layer.name == "Repeat":
        return repeated(plan, module)
    return holding(plan, plan.layer.label or plan.layer.name, inside(plan, module))


def leaf(plan: Plan, module: Any) -> Node:
    layer = plan.layer
    shared = layer.name == "Unembed"
    held = 0 if shared else sum(p.numel() for p in module.parameters()) if module is not None else None
    written = {*dict(layer.kwargs)} if not layer.own else set(INFERRED)
    sizes = [f"in {plan.given[name]:,}" for name in INFERRED if name in plan.given and name not in written]
    return Node(
        text=str(layer),
        name=plan.name,
        family=layer_family(layer.name),
        shape=plan.shape,
        params=held,
        note="the embedding's weights" if shared else "".join(sizes),
    )


def holding(plan: Plan, text: str, within: tuple[Node, ...], note: str = "") -> Node:
    counted = [each.params for each in within]
    return Node(
        text=text,
        name=plan.name,
        shape=plan.shape,
        params=None if None in counted else sum(filter(None, counted)),
        note=note,
        leaves=sum(each.leaves for each in within),
        inside=within,
    )


def inside(plan: Plan, module: Any) -> tuple[Node, ...]:
    """Return what a combinator runs; paths are told apart by name."""
    if plan.layer.name == "Branch":
        return chained(plan.inside[0], module)
    if plan.layer.name == "Residual":
        body = chained(plan.inside[0], child(module, "body"))
        return (
            *body,
            *(path(each, child(module, "shortcut"), "shortcut") for each in plan.inside[1:] if each),
        )
    return tuple(
        path(each, child(module, f"path{number}"), f"path{number}") if each else passed(number)
        for number, each in enumerate(plan.inside, 1)
    )


def passed(number: int) -> Node:
    return Node("[]", f"path{number}", note="what comes in", leaves=0)


def chained(plans: tuple[Plan, ...], module: Any) -> tuple[Node, ...]:
    """Return layers in a row; a part that stands alone is the row itself."""
    if len(plans) == 1 and plans[0].layer.combines and plans[0].layer.name == "Branch":
        return chained(plans[0].inside[0], module)
    return nodes(plans, module)


def path(plans: tuple[Plan, ...], module: Any, name: str) -> Node:
    """Return one of several paths as one node."""
    if len(plans) == 1 and name != "shortcut":
        return replace(node(plans[0], module), name=name)
    last = replace(plans[-1], name=name)
    return holding(last, name.replace("path", "path "), chained(plans, module))


def repeated(plan: Plan, module: Any) -> Node:
    """Return copies as one node; those that differ, such as the first, have one of their own."""
    runs = list(runs_of(plan.inside))
    parts = [copy(plan, module, start, end) for start, end in runs]
    if len(parts) == 1:
        return parts[0]
    return holding(plan, "Repeat", tuple(parts))


def runs_of(copies: tuple[tuple[Plan, ...], ...]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of copies that are planned alike."""
    start = 0
    for number in range(1, len(copies) + 1):
        if number == len(copies) or copies[number] is not copies[start]:
            yield start, number - 1
            start = number


def copy(plan: Plan, module: Any, start: int, end: int) -> Node:
    plans, held = plan.inside[start], child(module, str(start))
    numbers = str(start) if start == end else f"{start}–{end}"
    if len(plans) == 1:
        one = node(plans[0], held)
    else:
        one = holding(replace(plan, shape=plans[-1].shape), "Repeat", nodes(plans, held))
    return one.times(end - start + 1, f"{plan.name}.{numbers}")
