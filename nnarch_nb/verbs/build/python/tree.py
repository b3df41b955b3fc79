"""What is to be written: a network's plan as modules in modules, with the way of the mask decided.

While a network runs, ``Chain`` looks for a mask at every call. Written code says it: here is known which
layer makes the mask, which ones take it and where it ends, from the shapes of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Several
from dataclasses import dataclass
from typing import Any

from torch import nn

from nnarch_nb.verbs.build.layers import class_of
from nnarch_nb.verbs.build.layers.arguments import checked, signature_of
from nnarch_nb.verbs.build.modules import OWN_LAYERS, Unembed
from nnarch_nb.verbs.build.planning.plan import Plan

Shape = tuple[int, ...] | None
# What ends the steps, where no shape is known to tell.
POOLS = ("First", "Last", "MeanSteps", "MaxSteps", "Flatten")
CLASS_TOKEN, MASKING = OWN_LAYERS["ClassToken"], OWN_LAYERS["Masking"]


@dataclass(frozen=True)
class Leaf:
    """One layer: its class and all its arguments by name, defaults included."""

    kind: type[nn.Module]
    given: dict[str, Any]

    @property
    def takes_mask(self) -> bool:
        return issubclass(self.kind, nn.RNNBase) or getattr(self.kind, "takes_mask", False)

    @property
    def gives_tuple(self) -> bool:
        """Whether the first of what it returns goes on."""
        return issubclass(self.kind, (nn.RNNBase, nn.LSTMCell)) or bool(self.given.get("return_indices"))


@dataclass(frozen=True)
class Step:
    """A part by its name.

    Attributes
    ----------
    name, part
        Of the module.
    masked
        Whether it is called with the mask.
    tokens
        How many steps it puts in front, which the mask has to follow.
    """

    name: str
    part: Leaf | Node
    masked: bool = False
    tokens: int = 0


@dataclass(frozen=True)
class Node:
    """A module that runs others.

    Attributes
    ----------
    form
        ``chain``, ``repeat``, ``residual``, ``add`` or ``concat``.
    steps
        Its children.
    label
        The name of the part it was written as.
    masked
        Whether it is called with a mask.
    makes
        The expression of the mask that it makes from its own input ``x``.
    dim
        That paths are joined along.
    """

    form: str
    steps: tuple[Step, ...]
    label: str = ""
    masked: bool = False
    makes: str = ""
    dim: int = 1

    @property
    def plain(self) -> bool:
        """Whether an ``nn.Sequential`` does: one tensor in, one out, nothing beside it."""
        return not self.makes and all(is_plain(step) for step in self.steps)


Part = Leaf | Node


def is_plain(step: Step) -> bool:
    if isinstance(step.part, Leaf):
        return not step.masked and not step.part.gives_tuple
    return not step.masked and (step.part.form not in ("chain", "repeat") or step.part.plain)


def tree_of(plans: Several[Plan], shape: Shape) -> Node:
    """Return what a network of these plans is, for an input of this shape."""
    return row(tuple(plans), "", False, shape)


def part_of(plan: Plan, masked: bool, before: Shape) -> Part:
    """Return one layer or combinator; ``masked`` says whether a mask comes with its input."""
    if not plan.layer.combines:
        return leaf_of(plan)
    name, inside = plan.layer.name, plan.inside
    if name == "Branch":
        return row(inside[0], plan.layer.label, masked, before)
    if name == "Residual":
        paths = [("body", row(inside[0], "", masked, before))]
        paths += [("shortcut", row(path, "", masked, before)) for path in inside[1:] if path]
        return joined("residual", paths, masked, paths[0][1].label)
    if name == "Repeat":
        return copies(inside, masked, before)
    numbered = [(f"path{i}", alone(path, masked, before)) for i, path in enumerate(inside, 1)]
    return joined(name.lower(), numbered, masked, "", dict(plan.layer.kwargs).get("dim", 1))


def leaf_of(plan: Plan) -> Leaf:
    """Return a layer with all its arguments; a tied ``Unembed`` is a Linear, which is tied afterwards."""
    kind = class_of(plan.layer)
    given = checked(plan.layer, kind, dict(plan.given))
    if kind is Unembed:
        kind, given = (
            nn.Linear,
            {"in_features": given["dim"], "out_features": given["vocab_size"], "bias": False},
        )
    parameters = signature_of(kind).parameters.values()
    return Leaf(kind, {p.name: given.get(p.name, p.default) for p in parameters})


def alone(path: tuple[Plan, ...], masked: bool, before: Shape) -> Part:
    return part_of(path[0], masked, before) if len(path) == 1 else row(path, "", masked, before)


def joined(form: str, paths: Several[tuple[str, Part]], masked: bool, label: str, dim: int = 1) -> Node:
    """Return paths from the same input."""
    steps = tuple(Step(name, path, masked and uses_mask(path)) for name, path in paths)
    return Node(form, steps, label, any(step.masked for step in steps), "", dim)


def copies(paths: Several[tuple[Plan, ...]], masked: bool, before: Shape) -> Node:
    """Return the copies of a ``Repeat``; those of one plan are one part."""
    steps: list[Step] = []
    made: dict[tuple[int, Shape, bool], Part] = {}
    made_mask = "" if masked or not paths else mask_made(paths[0], before)
    live = masked or bool(made_mask)
    for number, path in enumerate(paths):
        key = (id(path), before, live)
        part = made[key] = made[key] if key in made else alone(path, live, before)
        steps.append(Step(str(number), part, live and uses_mask(part), sum(map(tokens_in, path))))
        before = path[-1].shape if path else before
        live = live and has_steps(path, before)
    used = any(step.masked for step in steps)
    return Node("repeat", tuple(steps), "", masked and used, made_mask if used else "")


def row(plans: tuple[Plan, ...], label: str, masked: bool, before: Shape) -> Node:
    """Return layers one after the other; a part that stands alone is that row itself."""
    if len(plans) == 1 and plans[0].layer.combines and plans[0].layer.name == "Branch":
        return row(plans[0].inside[0], label or plans[0].layer.label, masked, before)
    made = "" if masked else mask_made(plans, before)
    live, steps = masked or bool(made), []
    for plan in plans:
        part = part_of(plan, live, before)
        steps.append(Step(plan.name, part, live and uses_mask(part), tokens_in(plan)))
        before = plan.shape
        live = live and has_steps((plan,), before)
    used = any(step.masked for step in steps)
    return Node("chain", tuple(steps), label, masked and used, made if used else "")


def uses_mask(part: Part) -> bool:
    return part.takes_mask if isinstance(part, Leaf) else part.masked


def mask_made(plans: tuple[Plan, ...], before: Shape) -> str:
    """Return how a row tells which steps of ``x`` are real; nothing where its first layer cannot."""
    if not plans:
        return ""
    first = plans[0]
    if first.layer.name == "Residual" and first.layer.combines:
        return ""
    if first.layer.combines:
        return next(filter(None, (mask_made(path, before) for path in first.inside)), "")
    kind, rank = class_of(first.layer), None if before is None else len(before)
    if kind is nn.Embedding and first.given.get("padding_idx") is not None and rank in (None, 1):
        return f"{{x}} != {first.given['padding_idx'] % first.given['num_embeddings']}"
    return "~{x}.isnan().all(-1)" if kind is MASKING and rank in (None, 2) else ""


def has_steps(path: tuple[Plan, ...], shape: Shape) -> bool:
    """Whether there are still steps after a path that gives this shape for a sample."""
    if shape is not None:
        return len(shape) > 1
    return not any(layer.name in POOLS for plan in path for layer in plan.layer.walk())


def tokens_in(plan: Plan) -> int:
    """Return how many class tokens a layer, or one in its row, puts before the steps."""
    if not plan.layer.combines:
        return int(class_of(plan.layer) is CLASS_TOKEN)
    if plan.layer.name not in ("Branch", "Repeat"):
        return 0
    return sum(tokens_in(inner) for path in plan.inside for inner in path)


def leaves(part: Part, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Go through all layers with their places."""
    if isinstance(part, Leaf):
        yield path, part
        return
    for step in part.steps:
        yield from leaves(step.part, (*path, step.name))
