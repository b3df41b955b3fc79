"""The lines of a draft: each layer with what it turned out to be, those inside others set in."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch

from nnarch_nb.verbs.build.draft.known import Known, mark_of
from nnarch_nb.verbs.build.draft.trying import Address, Trial
from nnarch_nb.verbs.build.language import Layer, Path
from nnarch_nb.verbs.build.language.writer import inline, parts_of
from nnarch_nb.verbs.build.layers import make
from nnarch_nb.verbs.build.planning.plan import Plan

_counts: Known[int] = Known()

State = Literal["fits", "broken", "holds", "after"]
Kind = Literal["layer", "combinator", "path"]


@dataclass(frozen=True)
class Row:
    """One line of a draft.

    Attributes
    ----------
    at
        Its address; that of a path has an even length.
    level
        How far it is set in.
    text, written
        What is shown, and all of it in the layer language, to be edited.
    kind
        A layer, what runs others, or the head of one path among several.
    shape, params
        Of the output for one sample and of all copies; None where it is not known.
    state
        It fits, is broken, holds the broken one, or comes after it and so was not looked at.
    problem
        What is wrong with it.
    """

    at: Address
    level: int
    text: str
    written: str
    kind: Kind = "layer"
    shape: tuple[int, ...] | None = None
    params: int | None = None
    state: State = "fits"
    problem: str = ""


def rows_of(trial: Trial) -> tuple[Row, ...]:
    """Return the lines of all layers, outer ones before what they hold."""
    parts = parts_of(trial.layers)
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return tuple(walked(trial.layers, (), 0, trial, parts))


def walked(layers: Path, base: Address, level: int, trial: Trial, parts: dict[str, Layer]) -> Iterator[Row]:
    for place, layer in enumerate(layers):
        at = (*base, place)
        plan = trial.plans.get(at)
        yield Row(
            at,
            level,
            shown(layer),
            inline(layer, parts),
            "combinator" if layer.combines else "layer",
            plan.shape if plan else None,
            parameters(plan) if plan else None,
            state_of(at, trial.failed),
            trial.problem if at == trial.failed else "",
        )
        for number, path in enumerate(layer.paths):
            inner = (*at, number)
            if head := head_of(layer, number):
                state = state_of(inner, trial.failed)
                yield Row(inner, level + 1, head if path else f"{head}: as it came", "", "path", state=state)
            yield from walked(path, inner, level + 1 + bool(head), trial, parts)


def shown(layer: Layer) -> str:
    """Return a layer as written; of what runs others its name and numbers alone, as they follow in rows."""
    if not layer.combines:
        return inline(layer, {})
    if layer.label:
        return layer.label
    given = [*map(repr, layer.args), "…", *(f"{key}={value!r}" for key, value in layer.kwargs)]
    return f"{layer.name}({', '.join(given)})"


def head_of(layer: Layer, number: int) -> str:
    """Return what a path is called where there are several."""
    if layer.name in ("Add", "Concat"):
        return f"path {number + 1}"
    return "shortcut" if number else ""


def state_of(at: Address, failed: Address | None) -> State:
    if at == failed:
        return "broken"
    if failed is None or at[: len(failed)] == failed:
        return "fits"  # what a combinator holds was reached before it failed itself
    if failed[: len(at)] == at:
        return "holds"
    return "fits" if at < failed else "after"


def parameters(plan: Plan) -> int:
    """Return how many parameters a planned layer has, those of all copies."""
    if plan.layer.combines:
        return sum(parameters(inner) for path in plan.inside for inner in path)
    if plan.layer.name == "Unembed":
        return 0  # the embedding's
    return _counts.get(mark_of(plan.layer, plan.given), lambda: counted(plan))


def counted(plan: Plan) -> int:
    return sum(parameter.numel() for parameter in make(plan.layer, plan.given).parameters())
