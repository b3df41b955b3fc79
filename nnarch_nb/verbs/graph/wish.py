"""How a person wants the picture: down to which depth, which parts as one box, which ones open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from nnarch_nb.core.trace import Row
from nnarch_nb.errors import NNArchError, did_you_mean, shorten
from nnarch_nb.verbs.graph.parts import Direction, Heat

EVERY = "*"


@dataclass(frozen=True)
class Wish:
    """What was asked; ``fold`` and ``expand`` name modules by path, class or glob."""

    depth: int | None = None
    direction: Direction = "down"
    fold: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    heat: Heat | None = None


def patterns(name: str, given: Any) -> tuple[str, ...]:
    """Return the patterns given: one or several.

    Raises
    ------
    NNArchError
        They are no text.
    """
    several = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else given
    if several is None:
        return ()
    if not isinstance(several, tuple) or not all(isinstance(each, str) for each in several):
        raise NNArchError(f"{name} takes paths, class names or globs such as encoder.*, not {shorten(given)}")
    return several


def matches(asked: Iterable[str], path: str, kind: str) -> bool:
    """Whether a pattern is the module's path or class, or a glob of one of them.

    Examples
    --------
    >>> matches(["h.*", "Linear"], "h.0", "Block"), matches(["Linear"], "h.0", "Block")
    (True, False)
    """
    return any(word in (path, kind) or fnmatchcase(path, word) or fnmatchcase(kind, word) for word in asked)


def matched(
    name: str, asked: tuple[str, ...], rows: Iterable[Row], more: Iterable[str] = ()
) -> frozenset[str]:
    """Return the paths of the modules that a pattern names.

    Raises
    ------
    NNArchError
        A pattern names none of them, nor one of ``more``.
    """
    known = [row for row in rows if row.path]
    words = [word for row in known for word in (row.path, row.kind)]
    for word in asked:
        if (
            word != EVERY
            and word not in more
            and not any(matches([word], row.path, row.kind) for row in known)
        ):
            near = did_you_mean(word, words)
            raise NNArchError(f"{name}: no module has the path or class {shorten(word)!r}.{near}")
    return frozenset(row.path for row in known if matches(asked, row.path, row.kind))
