"""A plan that goes as far as it can: what each layer of a draft would be, and which does not fit.

``build`` stops at the first mistake and has nothing to show; a draft shows what stands before it. Everything
is on ``meta``: nothing is allocated, however large the numbers are.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field, replace

import torch

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.draft.known import Known, mark_of, mark_of_flow
from nnarch_nb.verbs.build.language import Layer, Path
from nnarch_nb.verbs.build.language.cure import Cure, cures_of
from nnarch_nb.verbs.build.planning.flow import Flow
from nnarch_nb.verbs.build.planning.limits import modules_in, refuse_too_large, refuse_too_many
from nnarch_nb.verbs.build.planning.plan import Plan, Planner, named

# Where a layer stands: its place in the text, then in turn which path of it and the place in that.
Address = tuple[int, ...]
PLACE = re.compile(r"^line \d+, column \d+: ")
WITH_OTHERS = ("Embedding", "Unembed")  # share weights: the plan of one depends on the other
_leaves: Known[tuple[Plan, Flow]] = Known()


@dataclass
class Noting(Planner):
    """A planner that notes every plan by its address, and where it is."""

    plans: dict[Address, Plan] = field(default_factory=dict)
    flows: dict[Address, Flow] = field(default_factory=dict)
    at: Address = ()
    holder: Layer | None = None

    def path(self, layers: Path, flow: Flow) -> tuple[tuple[Plan, ...], Flow]:
        """Return the plans of layers in a row, each noted; after an error ``at`` is where it was."""
        outside, holder = self.at, self.holder
        base = outside if holder is None else (*outside, which(holder, layers))
        found = []
        for place, (layer, name) in enumerate(zip(layers, named(layers), strict=True)):
            self.at, self.holder = (*base, place), layer
            self.flows.setdefault(self.at, flow)
            plan, flow = self.one(layer, flow)
            found.append(replace(plan, name=name))
            self.plans.setdefault((*base, place), found[-1])
        self.at, self.holder = outside, holder
        return tuple(found), flow

    def leaf(self, layer: Layer, flow: Flow) -> tuple[Plan, Flow]:
        """Return the plan of a layer, made only if this layer has not been planned for the same before."""
        if layer.name in WITH_OTHERS:
            return super().leaf(layer, flow)
        made = super().leaf
        plan, after = _leaves.get((mark_of(layer, None), mark_of_flow(flow)), lambda: made(layer, flow))
        return replace(plan, layer=layer), after


def which(holder: Layer, layers: Path) -> int:
    """Return the number of a path of a combinator."""
    return next((number for number, path in enumerate(holder.paths) if path is layers), 0)


@dataclass(frozen=True)
class Trial:
    """What became of a draft's layers.

    Attributes
    ----------
    layers
        As read.
    plans, flows
        Of each layer that was reached: what it is, and what it gets.
    failed
        The address of the layer that does not fit; None where all do.
    problem
        Why, without its place in the text.
    cures
        What the error itself says would mend it.
    """

    layers: Path
    plans: dict[Address, Plan]
    flows: dict[Address, Flow]
    failed: Address | None = None
    problem: str = ""
    cures: tuple[Cure, ...] = ()

    @property
    def standing(self) -> tuple[Plan, ...]:
        """The plans of the outermost layers that come before the one that does not fit."""
        count = self.failed[0] if self.failed else len(self.layers)
        return tuple(self.plans[(place,)] for place in range(count) if (place,) in self.plans)

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """Of one sample."""
        return self.flows[(0,)].shape if self.flows else None

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of the output of each outermost layer that stands, where the input is known."""
        return tuple(plan.shape for plan in self.standing if plan.shape is not None)


def tried(layers: Path, example: torch.Tensor | None) -> Trial:
    """Return how far the layers go with an input like the example."""
    noting, failed, problem = Noting(), None, ""
    cures: tuple[Cure, ...] = ()
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # initialising nothing is what meta is for
        try:
            refuse_too_many(layers)
            plans, _ = noting.path(layers, Flow.of(example))
            refuse_too_large(sum(plan.bytes for plan in plans))
        except NNArchError as error:
            failed, problem = noting.at or largest(layers, noting), PLACE.sub("", str(error))
            cures = cures_of(error)
    return Trial(layers, noting.plans, noting.flows, failed, problem, cures)


def largest(layers: Path, noting: Noting) -> Address:
    """Return the layer to blame for a network that is too large."""
    weights = [plan.bytes for at, plan in noting.plans.items() if len(at) == 1]
    sizes = weights if len(weights) == len(layers) else [modules_in(layer, {}) for layer in layers]
    return (max(range(len(sizes)), key=sizes.__getitem__),)
