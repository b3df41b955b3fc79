"""Changes that an error of the language carries, made on the layers of a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from nnarch_nb.verbs.build.draft.candidate import Candidate, before, listed, written_size
from nnarch_nb.verbs.build.draft.edits import inserted, layer_at, read_beside, replaced
from nnarch_nb.verbs.build.draft.trying import Address, Trial
from nnarch_nb.verbs.build.language import Layer, Path
from nnarch_nb.verbs.build.language.cure import Cure
from nnarch_nb.verbs.build.language.writer import ACTIVATES
from nnarch_nb.verbs.build.layers.arguments import SIZED


def as_told(trial: Trial, at: Address, cures: tuple[Cure, ...]) -> Iterator[Candidate]:
    """Return the changes that an error carries."""
    for cure in cures:
        given = cure.layers
        if isinstance(given, str):
            given = read_beside(given, trial.layers) if given else ()
        yield from MAKES[cure.where](trial, at, cure, given)


def instead(trial: Trial, at: Address, new: Path) -> Candidate:
    return f"Write {listed(new)}", replaced(trial.layers, at, new)[0]


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
