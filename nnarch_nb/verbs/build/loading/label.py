"""What a saved network says of itself, read as data: every part is checked to be what it should."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from nnarch_nb.core.vocabulary import Level, Vocabulary
from nnarch_nb.errors import NNArchError, shorten

ENTRY = "nnarch_nb"  # in the metadata; it holds what ``Label`` says as JSON
MOST_VALUES = 2**26  # of one sample
LONGEST_TITLE = 1_000


@dataclass(frozen=True)
class Label:
    """What a file says of the network in it, besides its weights.

    Attributes
    ----------
    spec, title, input_shape, seed
        As of the network.
    tied
        The other names of tensors that are stored once.
    classes, vocabulary
        What its answers and its tokens mean, where the network knows.
    source
        Where its architecture comes from.
    """

    spec: str
    title: str
    seed: int
    input_shape: tuple[int, ...] | None = None
    tied: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None
    source: str = ""


def label_of(metadata: dict[str, str] | None, path: Path) -> Label:
    """Return the label, every part of it checked to be what it should.

    Raises
    ------
    NNArchError
        There is none, or a part is something else.
    """
    if not metadata or ENTRY not in metadata:
        raise NNArchError(
            f"{path.name} holds weights but no network's text; load_pretrained(model, path) takes such files"
        )
    try:
        return label_from(json.loads(metadata[ENTRY]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NNArchError(
            f"the text in {path.name} is not what save writes ({shorten(error)}); save it anew"
        ) from None


def label_from(said: dict[str, Any]) -> Label:
    shape, words = said["input_shape"], said.get("vocabulary")
    return Label(
        spec=text(said["spec"]),
        title=text(said["title"])[:LONGEST_TITLE],
        seed=whole(said["seed"]),
        input_shape=None if shape is None else sizes(shape),
        tied=tuple((text(name), text(kept)) for name, kept in said.get("tied", {}).items()),
        source=text(said.get("source", ""))[:LONGEST_TITLE],
        classes=tuple(map(text, said.get("classes") or ())),
        vocabulary=None if words is None else Vocabulary(tuple(map(text, words["words"])), level(words)),
    )


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{shorten(repr(value), 40)} is no text")
    return value


def whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{shorten(repr(value), 40)} is no whole number")
    return value


def sizes(value: list[Any]) -> tuple[int, ...]:
    shape = tuple(map(whole, value))
    if not shape or min(shape) < 1 or math.prod(shape) > MOST_VALUES:
        raise ValueError(f"{shorten(shape, 40)} is no input's shape")
    return shape


def level(words: dict[str, Any]) -> Level:
    if words["level"] not in get_args(Level):
        raise ValueError(f"{shorten(words['level'], 40)} is no level of a vocabulary")
    return words["level"]
