"""What would mend a text of layers, said by the error itself: the words are for people, this is for a tool.

An error that knows the layers to write instead carries them, so that nobody has to read them out of its
message; whether they mend anything is for whoever takes them to try.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language.tree import Path

Where = Literal["instead", "before", "shortcut", "path", "begin", "end", "size", "argument"]


@dataclass(frozen=True)
class Cure:
    """One change that may mend what does not fit.

    Attributes
    ----------
    where
        ``instead`` of the layer, ``before`` it; as its ``shortcut``, at the end of its ``path`` with a
        number; at the ``begin`` or ``end`` of all; another ``size`` in its first place; another
        ``argument``.
    layers
        As text, or as they are.
    number
        Which path, or the size.
    argument
        The layer that gets it, its name and value.
    """

    where: Where
    layers: str | Path = ""
    number: int = 0
    argument: tuple[str, str, object] = ("", "", None)


def cures_of(error: NNArchError) -> tuple[Cure, ...]:
    """Return the cures that an error carries."""
    return tuple(cure for cure in error.cures if isinstance(cure, Cure))


def told(message: str, cures: Sequence[Cure]) -> NNArchError:
    """Return an error that carries its cures."""
    error = NNArchError(message)
    error.cures = tuple(cures)
    return error
