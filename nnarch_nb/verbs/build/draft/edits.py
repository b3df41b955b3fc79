"""Changes of a draft: layers put in, taken out and moved, told by address.

What is inside a named part is changed wherever the part is used, as it is one definition in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.draft.trying import Address
from nnarch_nb.verbs.build.language import Layer, Path, read
from nnarch_nb.verbs.build.language.writer import bracketed, parts_of

NEEDS_LAYERS = ("Residual", "Repeat")  # their body cannot be empty


def layer_at(layers: Path, at: Address) -> Layer:
    """Return the layer at an address.

    Raises
    ------
    NNArchError
        There is none.
    """
    path = path_at(layers, at[:-1])
    if not at or not 0 <= at[-1] < len(path):
        raise NNArchError("there is no such layer in this draft")
    return path[at[-1]]


def path_at(layers: Path, at: Address) -> Path:
    """Return the layers in a row at the address of a path; ``()`` is the whole draft."""
    if not at:
        return layers
    paths = layer_at(layers, at[:-1]).paths
    if not 0 <= at[-1] < len(paths):
        raise NNArchError("there is no such path in this draft")
    return paths[at[-1]]


def changed(layers: Path, at: Address, change: Callable[[Path], Path]) -> Path:
    """Return the draft with one path changed."""
    if not at:
        return change(layers)
    place, number, *rest = at
    old = layer_at(layers, (place,))
    path_at(layers, (place, number))
    inner = changed(old.paths[number], tuple(rest), change)
    if not inner and (old.name in NEEDS_LAYERS and not number):
        raise NNArchError(f"{old.name} must run a layer; remove {old.name} itself, or add a layer first")
    new = replace(old, paths=(*old.paths[:number], inner, *old.paths[number + 1 :]))
    layers = (*layers[:place], new, *layers[place + 1 :])
    return redefined(layers, new) if new.label else layers


def redefined(layers: Path, part: Layer) -> Path:
    """Return the layers with a named part as it is now, wherever it stands."""
    return tuple(
        part
        if layer.label == part.label
        else replace(layer, paths=tuple(redefined(path, part) for path in layer.paths))
        for layer in layers
    )


def inserted(layers: Path, at: Address, new: Path) -> tuple[Path, Address]:
    """Return the draft with layers after a row, and the address of the last of them.

    Parameters
    ----------
    layers
        The draft.
    at
        A layer; or a path, at whose beginning they are put. ``()`` is the beginning of all.
    new
        The layers.
    """
    base, place = (at, 0) if len(at) % 2 == 0 else (at[:-1], at[-1] + 1)
    made = changed(layers, base, lambda path: (*path[:place], *new, *path[place:]))
    return made, (*base, place + len(new) - 1)


def replaced(layers: Path, at: Address, new: Path) -> tuple[Path, Address]:
    """Return the draft with other layers instead of one, and the address of the first of them."""
    layer_at(layers, at)
    made = changed(layers, at[:-1], lambda path: (*path[: at[-1]], *new, *path[at[-1] + 1 :]))
    return made, at


def removed(layers: Path, at: Address) -> tuple[Path, Address]:
    """Return the draft without a layer, and the address of what is near."""
    made, _ = replaced(layers, at, ())
    left = len(path_at(made, at[:-1]))
    return made, (*at[:-1], min(at[-1], left - 1)) if left else at[:-1]


def doubled(layers: Path, at: Address) -> tuple[Path, Address]:
    """Return the draft with a layer twice in a row, and the address of the second."""
    return inserted(layers, at, (layer_at(layers, at),))


def moved(layers: Path, at: Address, by: int) -> tuple[Path, Address]:
    """Return the draft with a layer one place up (-1) or down (1); at the end of its path out of it.

    Raises
    ------
    NNArchError
        It is the first or last of all.
    """
    layer, to = layer_at(layers, at), at[-1] + by
    if 0 <= to < len(path_at(layers, at[:-1])):
        return changed(layers, at[:-1], lambda path: swapped(path, at[-1], to)), (*at[:-1], to)
    if len(at) == 1:
        raise NNArchError("it is the first layer" if by < 0 else "it is the last layer")
    if any(outer.label for outer in outside(layers, at)):
        raise NNArchError("a layer of a named part is moved within the part")
    without, _ = replaced(layers, at, ())
    outer = at[:-2]
    place = outer[-1] + (by > 0)
    made = changed(without, outer[:-1], lambda path: (*path[:place], layer, *path[place:]))
    return made, (*outer[:-1], place)


def swapped(path: Path, a: int, b: int) -> Path:
    order = list(path)
    order[a], order[b] = order[b], order[a]
    return tuple(order)


def outside(layers: Path, at: Address) -> list[Layer]:
    """Return the combinators that a layer is in."""
    return [layer_at(layers, at[:length]) for length in range(1, len(at), 2)]


def read_beside(text: str, layers: Path) -> Path:
    """Return the layers of a text that may name the parts of a draft.

    Raises
    ------
    NNArchError
        The text cannot be read, or defines anything.
    """
    parts = parts_of(layers)
    known = [line for name, part in parts.items() for line in definition(name, part, parts)]
    try:
        return read("\n".join([*known, text]))
    except NNArchError as error:
        line, _, rest = str(error).partition(", ")
        number = line.removeprefix("line ")
        if rest.startswith("column") and number.isdigit() and int(number) > len(known):
            where = f"{'' if int(number) == len(known) + 1 else f'line {int(number) - len(known)}, '}{rest}"
            raise NNArchError(where) from None
        raise


def definition(name: str, part: Layer, parts: dict[str, Layer]) -> list[str]:
    return bracketed(f"{name} = [", part.paths[0], "", "]", parts)
