"""Proposals for a layer that does not fit, each tried before it is made.

Messages of the language say what to write instead; where torch's own sizes are written out, the usual
mistake is a pooling that is missing, as in the published SimpleCNN. What is proposed is planned first: the
layer must fit then, and what mends the whole network comes before what leaves another mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.draft.edits import inserted, layer_at, path_at, read_beside, replaced
from nnarch_nb.verbs.build.draft.trying import Address, Trial, tried
from nnarch_nb.verbs.build.language import Layer, Path, write
from nnarch_nb.verbs.build.language.writer import ACTIVATES
from nnarch_nb.verbs.build.layers.arguments import SIZED

MOST = 4
CODE = r"(?:nn\.)?[A-Z]\w*\((?:[^()]|\([^()]*\))*\)"
CODES = rf"{CODE}(?:, {CODE})*"
INSTEAD = re.compile(
    rf"(?:write|left out:|, or|as one path:) ({CODE})(?! before)|; ({CODE}) if that is meant"
)
BEFORE = re.compile(rf"({CODES}) before it")
SHORTCUT = re.compile(r"write shortcut=\[(.*)\]$")
LONGER_PATH = re.compile(rf"end path (\d+) with ({CODES})")
END = re.compile(rf"end with ({CODES})")
NEAR = re.compile(r"Did you mean `(\w+)`\?")
GIVE = re.compile(r"has \w+=\d+; give (\d+)")
LOOKS_PAST = re.compile(r"\w*Dropout\w*|Flatten|Identity")


@dataclass(frozen=True)
class Proposal:
    """A change that was tried.

    Attributes
    ----------
    words
        What it does.
    text
        The whole text after it.
    mends
        Whether every layer fits then.
    """

    words: str
    text: str
    mends: bool


Candidate = tuple[str, Path]


def proposals(trial: Trial, example: torch.Tensor | None, problem: str = "") -> tuple[Proposal, ...]:
    """Return what makes the failing layer fit; what mends the whole network first.

    Parameters
    ----------
    trial
        Of the draft as it is.
    example
        A sample's shape and type, as for the trial.
    problem
        What is wrong with the answer, where every layer fits.
    """
    found: dict[str, Proposal] = {}
    made = ends(trial, problem) if problem else candidates(trial)
    for words, layers in made:
        then = tried(layers, example)
        if then.failed is None or (trial.failed is not None and later(then.failed, trial.failed)):
            text = write(layers)
            found.setdefault(text, Proposal(words, text, then.failed is None))
    return tuple(sorted(found.values(), key=lambda each: not each.mends)[:MOST])


def later(at: Address, other: Address) -> bool:
    """Whether a layer is looked at after another: what holds layers is after them."""
    return at > other or (len(at) < len(other) and other[: len(at)] == at)


def candidates(trial: Trial) -> Iterator[Candidate]:
    """Return changes that may mend the layer that fails, the likeliest first."""
    if trial.failed is None:
        return
    at, layer = trial.failed, layer_at(trial.layers, trial.failed)
    for make in (missing_before, other_name, as_advised, other_size):
        try:
            yield from make(trial, at, layer)
        except NNArchError:  # what a message shows may be cut, or hold no whole layer
            continue


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


def before(at: Address, place: int) -> Address:
    """Return the row after which something is inserted to stand at a place of the same path."""
    return (*at[:-1], place - 1) if place else at[:-1]


def written_size(layer: Layer) -> int | None:
    """Return the input size that is written out in torch's own spelling."""
    name = SIZED.get(layer.name, ("",))[0]
    value = dict(layer.kwargs).get(name, layer.args[0] if layer.own and layer.args else None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
    if 0 < side <= min(sides) and shape[0] * side**n == wanted:
        yield Layer(f"AdaptiveAvgPool{n}d", (side,))


def other_name(trial: Trial, at: Address, layer: Layer) -> Iterator[Candidate]:
    """Return the layer with the name, its own or an argument's, that was nearly written."""
    for near in NEAR.findall(trial.problem):
        options = [replace(layer, name=near)] if near[:1].isupper() else []
        options += [renamed(layer, name, near) for name, _ in layer.kwargs]
        for option in options:
            yield instead(trial, at, (option,))


def renamed(layer: Layer, old: str, new: str) -> Layer:
    kwargs = tuple((new if name == old else name, value) for name, value in layer.kwargs)
    return replace(layer, kwargs=kwargs)


def instead(trial: Trial, at: Address, new: Path) -> Candidate:
    return f"Write {listed(new)}", replaced(trial.layers, at, new)[0]


def listed(layers: Path) -> str:
    return shorten(", ".join(map(str, layers)), 90)


def as_advised(trial: Trial, at: Address, layer: Layer) -> Iterator[Candidate]:
    """Return what the message itself says to write."""
    layers, told = trial.layers, trial.problem
    for path in BEFORE.findall(told):
        new = read_beside(path, layers)
        yield f"Insert {listed(new)} before {layer}", inserted(layers, before(at, at[-1]), new)[0]
    if found := SHORTCUT.search(told):
        new = read_beside(found[1], layers)
        shortcut = replace(layer, paths=(layer.paths[0], new))
        yield f"Write shortcut=[{listed(new)}]", replaced(layers, at, (shortcut,))[0]
    for number, text in LONGER_PATH.findall(told):
        new, place = read_beside(text, layers), int(number) - 1
        paths = tuple(path + new * (n == place) for n, path in enumerate(layer.paths))
        yield f"End path {number} with {listed(new)}", replaced(layers, at, (replace(layer, paths=paths),))[0]
    for pair in INSTEAD.findall(told):
        for text in filter(None, pair):
            yield instead(trial, at, read_beside(text, layers))


def other_size(trial: Trial, at: Address, layer: Layer) -> Iterator[Candidate]:
    """Return the layer with the size that comes before it, and with that left out."""
    found, name = GIVE.search(trial.problem), SIZED.get(layer.name, ("",))[0]
    if found is None or written_size(layer) is None:
        return
    size = int(found[1])
    if name in dict(layer.kwargs):
        kwargs = tuple((key, size if key == name else value) for key, value in layer.kwargs)
        yield instead(trial, at, (replace(layer, kwargs=kwargs),))
        return
    yield instead(trial, at, (replace(layer, args=(size, *layer.args[1:])),))
    yield instead(trial, at, (replace(layer, own=False, args=layer.args[1:]),))


def ends(trial: Trial, problem: str) -> Iterator[Candidate]:
    """Return other ends, for a network that answers another question."""
    for text in END.findall(problem):
        new = read_beside(text, trial.layers)
        last, size = trial.layers[-1], len(trial.layers)
        if last.name == new[-1].name and len(new) == 1:
            yield f"Write {listed(new)} at the end", (*trial.layers[: size - 1], *new)
        if not ACTIVATES.fullmatch(last.name) or len(new) > 1:
            yield f"End with {listed(new)}", (*trial.layers, *new)
