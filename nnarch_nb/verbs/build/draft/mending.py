"""Proposals for a layer that does not fit, each tried before it is made.

Errors of the language carry what to write instead; where torch's own sizes are written out, the usual
mistake is a pooling that is missing, as in the published SimpleCNN. What is proposed is planned first: the
layer must fit then, and what mends the whole network comes before what leaves another mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from nnarch_nb.errors import shorten
from nnarch_nb.verbs.build.draft.edits import inserted, layer_at, path_at, read_beside, replaced
from nnarch_nb.verbs.build.draft.trying import Address, Trial, tried
from nnarch_nb.verbs.build.language import Layer, Path, write
from nnarch_nb.verbs.build.language.cure import Cure
from nnarch_nb.verbs.build.language.writer import ACTIVATES
from nnarch_nb.verbs.build.layers.arguments import SIZED

MOST = 4
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


def proposals(
    trial: Trial, example: torch.Tensor | None, cures: tuple[Cure, ...] = ()
) -> tuple[Proposal, ...]:
    """Return what makes the failing layer fit; what mends the whole network first.

    Parameters
    ----------
    trial
        Of the draft as it is.
    example
        A sample's shape and type, as for the trial.
    cures
        Of what is wrong with the answer, where every layer fits.
    """
    found: dict[str, Proposal] = {}
    made = candidates(trial) if trial.failed is not None else as_told(trial, (), cures)
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
    yield from missing_before(trial, at, layer)
    yield from as_told(trial, at, trial.cures)


def as_told(trial: Trial, at: Address, cures: tuple[Cure, ...]) -> Iterator[Candidate]:
    """Return the changes that an error carries."""
    for cure in cures:
        given = cure.layers
        if isinstance(given, str):
            given = read_beside(given, trial.layers) if given else ()
        yield from MAKES[cure.where](trial, at, cure, given)


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


def instead(trial: Trial, at: Address, new: Path) -> Candidate:
    return f"Write {listed(new)}", replaced(trial.layers, at, new)[0]


def listed(layers: Path) -> str:
    return shorten(", ".join(map(str, layers)), 90)


def written_instead(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    yield instead(trial, at, new)


def put_before(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    layer = layer_at(trial.layers, at)
    yield f"Insert {listed(new)} before {layer}", inserted(trial.layers, before(at, at[-1]), new)[0]


def as_shortcut(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    layer = layer_at(trial.layers, at)
    around = replace(layer, paths=(layer.paths[0], new))
    yield f"Write shortcut=[{listed(new)}]", replaced(trial.layers, at, (around,))[0]


def longer_path(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    layer, place = layer_at(trial.layers, at), cure.number - 1
    paths = tuple(path + new * (n == place) for n, path in enumerate(layer.paths))
    longer = replaced(trial.layers, at, (replace(layer, paths=paths),))[0]
    yield f"End path {cure.number} with {listed(new)}", longer


def other_size(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    """Return the layer with the size that comes before it, and with that left out."""
    layer, size = layer_at(trial.layers, at), cure.number
    name = SIZED.get(layer.name, ("",))[0]
    if written_size(layer) is None:
        return
    if name in dict(layer.kwargs):
        yield instead(trial, at, (with_argument(layer, name, size),))
        return
    yield instead(trial, at, (replace(layer, args=(size, *layer.args[1:])),))
    yield instead(trial, at, (replace(layer, own=False, args=layer.args[1:]),))


def begun(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    yield f"Begin with {listed(new)}", (*new, *trial.layers)


def ended(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    """Return other ends, for a network that answers another question."""
    last, size = trial.layers[-1], len(trial.layers)
    if last.name == new[-1].name and len(new) == 1:
        yield f"Write {listed(new)} at the end", (*trial.layers[: size - 1], *new)
    if not ACTIVATES.fullmatch(last.name) or len(new) > 1:
        yield f"End with {listed(new)}", (*trial.layers, *new)


def other_argument(trial: Trial, at: Address, cure: Cure, new: Path) -> Iterator[Candidate]:
    """Return the first layer of a name with another argument."""
    name, key, value = cure.argument
    where = first_of(trial.layers, name)
    if where is not None:
        yield instead(trial, where, (with_argument(layer_at(trial.layers, where), key, value),))


def with_argument(layer: Layer, key: str, value: object) -> Layer:
    kwargs = {**dict(layer.kwargs), key: value}
    return replace(layer, kwargs=tuple(kwargs.items()))


def first_of(layers: Path, name: str, base: Address = ()) -> Address | None:
    """Return the address of the first layer of a name."""
    for place, layer in enumerate(layers):
        at = (*base, place)
        if layer.name == name:
            return at
        inside = (first_of(path, name, (*at, number)) for number, path in enumerate(layer.paths))
        if found := next(filter(None, inside), None):
            return found
    return None


def blamed_for(layers: Path, cures: tuple[Cure, ...]) -> Address:
    """Return the layer to mark where all fit, and the network is none for its data all the same."""
    for cure in cures:
        if cure.where == "begin":
            return (0,)
        if cure.where == "argument":
            return first_of(layers, cure.argument[0]) or (0,)
    return (len(layers) - 1,)


MAKES: dict[str, Callable[[Trial, Address, Cure, Path], Iterator[Candidate]]] = {
    "instead": written_instead,
    "before": put_before,
    "shortcut": as_shortcut,
    "path": longer_path,
    "begin": begun,
    "end": ended,
    "size": other_size,
    "argument": other_argument,
}
