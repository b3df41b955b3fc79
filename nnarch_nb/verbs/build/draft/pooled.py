"""The pooling or flattening that is missing where a Linear was written for fewer features (SimpleCNN)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import torch

from nnarch_nb.verbs.build.draft.candidate import Candidate, before, listed, written_size
from nnarch_nb.verbs.build.draft.edits import inserted, layer_at, path_at
from nnarch_nb.verbs.build.draft.trying import Address, Trial, tried
from nnarch_nb.verbs.build.language import Layer, Path

LOOKS_PAST = re.compile(r"\w*Dropout\w*|Flatten|Identity")


def missing_pooling(layers: Path, example: torch.Tensor | None) -> str | None:
    """Return in words what makes the layer that fails fit, and all after it; None where nothing here does."""
    trial = tried(layers, example)
    if trial.failed is None:
        return None
    for words, changed in missing_before(trial, trial.failed, layer_at(layers, trial.failed)):
        if tried(changed, example).failed is None:
            return words[0].lower() + words[1:]
    return None


def missing_before(trial: Trial, at: Address, layer: Layer) -> Iterator[Candidate]:
    """Return poolings and a flattening that make the features which the layer was written for."""
    wanted = written_size(layer)
    if layer.name != "Linear" or wanted is None:
        return
    place = spatial_before(trial, at)
    if place is None:
        return
    shape = trial.flows[(*at[:-1], place)].shape or ()
    path = path_at(trial.layers, at[:-1])
    flat = any(other.name == "Flatten" for other in path[place : at[-1]])
    for pooling in poolings(shape, wanted):
        pooling = replace(pooling, own=layer.own)  # in the spelling of the others
        between = () if flat else (Layer("Flatten", own=layer.own),)
        if flat or place < at[-1]:
            layers, _ = inserted(trial.layers, before(at, place), (pooling,))
            if between:
                layers, _ = inserted(layers, at, between)
        else:
            layers, _ = inserted(trial.layers, before(at, place), (pooling, *between))
        yield f"Insert {listed((pooling, *between))} before {path[place]}: {wanted:,} features", layers
    if not flat and math.prod(shape) == wanted:
        flatten = Layer("Flatten", own=layer.own)
        layers, _ = inserted(trial.layers, before(at, at[-1]), (flatten,))
        yield f"Insert {flatten} before {layer}: {wanted:,} features", layers


def spatial_before(trial: Trial, at: Address) -> int | None:
    """Return where in its path a pooling belongs: before the dropout and the flattening that come last."""
    path, place = path_at(trial.layers, at[:-1]), at[-1]
    while place and LOOKS_PAST.fullmatch(path[place - 1].name):
        place -= 1
    flow = trial.flows.get((*at[:-1], place))
    return place if flow is not None and len(flow.shape or ()) in (2, 3, 4) else None


def poolings(shape: tuple[int, ...], wanted: int) -> Iterator[Layer]:
    """Return poolings after which a sample has so many values, the usual one first.

    Examples
    --------
    >>> [str(layer) for layer in poolings((64, 24, 24), 9216)]
    ['MaxPool2d(2)', 'AdaptiveAvgPool2d(12)']
    """
    sides, n = shape[1:], len(shape) - 1
    for size in (2, 3, 4, 8):
        if math.prod((shape[0], *(side // size for side in sides))) == wanted:
            yield Layer(f"MaxPool{n}d", (size,))
    side = round((wanted / shape[0]) ** (1 / n))
    if 0 < side <= min(sides) and side < max(sides) and shape[0] * side**n == wanted:
        yield Layer(f"AdaptiveAvgPool{n}d", (side,))
