"""What a text of layers says, as a tree: one class for all that can stand in a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from nnarch_nb.errors import shorten

# What runs other layers, and how it is written.
COMBINATORS = {
    "Residual": "Residual(a, b) or Residual(a, b, shortcut=[c])",
    "Repeat": "Repeat(3, a, b)",
    "Add": "Add([a, b], c)",
    "Concat": "Concat([a, b], c, dim=1)",
    "Branch": "Branch(a, b)",
}
LONGEST_TOLD = 200  # characters of one layer in a message


@dataclass(frozen=True)
class Layer:
    """One layer as written, or a combinator with the layers it runs.

    Attributes
    ----------
    name
        A class of torch.nn or of this package, or one of ``COMBINATORS``.
    args, kwargs
        Literal arguments. Without the prefix ``nn.`` the input size is left out of them.
    own
        Written with the prefix ``nn.``: the arguments are torch's own, the input size included.
    paths
        What a combinator runs: the body and the shortcut of ``Residual``, the one path of ``Repeat`` and
        ``Branch``, each path of ``Add`` and ``Concat``. An empty path hands on what it gets.
    label
        The name of a part (``block = [...]``), which is a ``Branch``.
    where
        Line and column, from 1; not part of what the layer is.
    spots
        Line and column of each argument, those by name last; empty where the layer was not read from a text.
    size, depth
        How many layers it holds as written, itself among them, and how deep they are nested. The text of
        a few parts can stand for more layers than there is memory for, so both are known without a walk.

    Examples
    --------
    >>> block = Layer("Branch", paths=((Layer("Conv2d", (8, 3)), Layer("ReLU")),), label="block")
    >>> Layer("Repeat", (2,), paths=((block,),)).size
    4
    """

    name: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    own: bool = False
    paths: tuple[Path, ...] = ()
    label: str = ""
    where: tuple[int, int] = field(default=(1, 1), compare=False)
    spots: tuple[tuple[int, int], ...] = field(default=(), repr=False, compare=False)
    size: int = field(init=False, repr=False, compare=False)
    depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        inner = [layer for path in self.paths for layer in path]
        object.__setattr__(self, "size", 1 + sum(layer.size for layer in inner))
        object.__setattr__(self, "depth", 1 + max((layer.depth for layer in inner), default=0))

    def __str__(self) -> str:
        """Return the layer on one line, cut where it is long: for messages; ``write`` gives all of it."""
        from nnarch_nb.verbs.build.language.writer import on_one_line

        return shorten(on_one_line(self), LONGEST_TOLD)

    @property
    def place(self) -> str:
        return self.place_of(None)

    def place_of(self, argument: int | None) -> str:
        """Return where an argument stands, by its number among those written; the layer's place without."""
        known = argument is not None and argument < len(self.spots)
        line, column = self.spots[argument] if argument is not None and known else self.where
        return f"line {line}, column {column}"

    @property
    def combines(self) -> bool:
        """Whether it runs other layers."""
        return not self.own and self.name in COMBINATORS

    def walk(self) -> Iterator[Layer]:
        """Go through the layer and all it holds, outer ones first."""
        yield self
        for path in self.paths:
            for layer in path:
                yield from layer.walk()


Path = tuple[Layer, ...]


def names_part(label: str) -> bool:
    """Tell whether a text can name a part: layers begin with a capital, what is defined does not.

    Examples
    --------
    >>> names_part("block"), names_part("Block"), names_part("for"), names_part("nn")
    (True, False, False, False)
    """
    first = label[:1]
    return (
        not first.isupper()
        and first != "_"
        and label.isidentifier()
        and not iskeyword(label)
        and label != "nn"
    )
