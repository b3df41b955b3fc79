"""Text as it is read: a few samples with their class, and how much of the text the vocabulary knows."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nnarch_nb.core.data import IGNORED, Data
from nnarch_nb.core.vocabulary import SPECIAL, UNKNOWN
from nnarch_nb.errors import shorten
from nnarch_nb.views import numbers
from nnarch_nb.views.data_charts import amount
from nnarch_nb.views.data_shown import MOST_PICTURED, one_of_each, shown
from nnarch_nb.views.result import Figure

LETTERS = 180  # of a sample
FEW = 4  # samples, where they have no classes


@dataclass(frozen=True)
class Sample:
    """One text, as its tokens say it again, with its class or target."""

    name: str
    text: str
    tokens: int


def samples(data: Data) -> list[Sample]:
    if data.form != "tokens":
        return []
    _, split = shown(data)
    rows = one_of_each(data, MOST_PICTURED if data.kind == "classification" else FEW)
    lengths = split.lengths
    return [Sample(name_of(data, row), text_of(data, split.x[row]), int(lengths[row])) for row in rows]


def name_of(data: Data, row: int) -> str:
    y = shown(data)[1].y[row]
    if data.kind == "classification":
        return shorten(data.classes[int(y)], 40)
    if data.kind == "multi-label":
        return (
            ", ".join(shorten(data.classes[i], 20) for i in y.nonzero().flatten().tolist()[:4])
            or numbers.NONE
        )
    if data.kind == "next-token":
        last = int(y[y != IGNORED][-1]) if bool((y != IGNORED).any()) else 0
        return f"→ {shorten(data.classes[last], 20)!r}"
    return amount(float(y.flatten()[0]))


def text_of(data: Data, ids: torch.Tensor) -> str:
    if data.vocabulary is None:
        return shorten(" ".join(map(str, ids.tolist())), LETTERS)
    text = data.vocabulary.decode(ids.tolist())
    return " ".join(text.split())[:LETTERS] + (" …" if len(text) > LETTERS else "")


def heading(data: Data) -> str:
    """Return what the column of names holds."""
    return {"classification": data.target, "next-token": "token after the last", "multi-label": "labels"}.get(
        data.kind, data.target
    )


def figures(data: Data) -> list[Figure]:
    """Return the size of the vocabulary and how much of the held-out text it does not know."""
    if data.vocabulary is None:
        return []
    name, split = data.held_out
    real = split.x[split.x != 0]
    known = len(data.vocabulary) - len(SPECIAL)
    tokens = "characters" if data.vocabulary.level == "char" else "words"
    share = numbers.percent(float((real == UNKNOWN).float().mean())) if len(real) else ""
    rest = f"; {share} of {name} not" if share else ""
    return [Figure(f"{known:,}", f"{tokens} known{rest}")]
