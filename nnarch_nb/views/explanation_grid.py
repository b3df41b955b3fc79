"""The samples of an explanation side by side: what was given over what was attributed, or signed bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnarch_nb.views import explanation_series, pixels
from nnarch_nb.views.explanation_parts import MOST, SAMPLES, Part, parts, scale
from nnarch_nb.views.explanation_words import goal, label, sample
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.values import signed, value

if TYPE_CHECKING:
    from nnarch_nb.verbs.explain import Explanation

BAR = 30  # pixels to each side


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: an image, or words with a signed bar."""

    words: str = ""
    small: str = ""
    picture: Picture | None = None
    width: int = 0
    bar: float | None = None

    @property
    def left(self) -> int:
        """Where the bar begins, in pixels."""
        return round(BAR + min(0.0, self.bar or 0.0) * BAR)

    @property
    def length(self) -> int:
        return round(abs(self.bar or 0.0) * BAR)


@dataclass(frozen=True)
class Row:
    """One row of the grid, a cell per sample."""

    head: str
    cells: list[Cell]


def shown(result: Explanation) -> range:
    return range(min(len(result), SAMPLES))


def picture_rows(result: Explanation) -> list[Row]:
    limit, rows = scale(result), []
    for part in parts(result):
        rows += image_rows(result, part, limit) if part.drawable else bar_rows(part, limit)
    return rows


def image_rows(result: Explanation, part: Part, limit: float) -> list[Row]:
    bounds = result.bounds or (float(part.raw.min()), float(part.raw.max()))
    if part.series:
        return series_rows(result, part, limit)
    width = pixels.shown_width(part.shape)
    inputs, maps = [], []
    for i in shown(result):
        name = sample(result, i)
        whole = f"{part.name} {name}, {label(result, i)}"
        inputs.append(Cell(picture=pixels.values(part.raw[i], bounds, whole), width=width))
        words = f"attributions of {part.name} {name} for {goal(result, i)}: {extremes(part, i)}"
        maps.append(Cell(picture=pixels.signed(part.maps[i], limit, words), width=width))
    return [Row(part.name, inputs), Row("attributions", maps)]


def series_rows(result: Explanation, part: Part, limit: float) -> list[Row]:
    width = explanation_series.shown_width(part)
    inputs, maps, strongest = [], [], []
    for i in shown(result):
        name = f"series of {sample(result, i)}, {label(result, i)}"
        words = f"attributions of {name} for {goal(result, i)}: {extremes(part, i)}"
        inputs.append(Cell(picture=explanation_series.values(part, i, name), width=width))
        maps.append(Cell(picture=explanation_series.heat(part, i, limit, words), width=width))
        flat = part.maps[i].flatten()
        top = int(flat.abs().argmax())
        strongest.append(Cell(f"{part.column(top)}: {signed(float(flat[top]))}"))
    return [Row("values", inputs), Row("attributions", maps), Row("strongest", strongest)]


def extremes(part: Part, i: int) -> str:
    plane = pixels.flat(part.maps[i])
    ends = f"from {signed(float(plane.min()))} to {signed(float(plane.max()))}"
    return ends if plane.any() else "zero everywhere"


def bar_rows(part: Part, limit: float) -> list[Row]:
    """Return the columns that matter most over the samples shown, each with its raw value."""
    maps, raw = part.columns(part.maps), part.columns(part.raw)
    order = np.argsort(-np.abs(maps).mean(0), kind="stable")
    rows = [
        Row(
            part.column(j),
            [
                Cell(signed(maps[i, j]), value(raw[i, j]), bar=share(maps[i, j], limit))
                for i in range(len(maps))
            ],
        )
        for j in order[:MOST]
    ]
    rest = order[MOST:]
    if len(rest):
        rows.append(
            Row(f"{len(rest)} more together", [Cell(signed(maps[i, rest].sum())) for i in range(len(maps))])
        )
    return rows


def share(part: float, limit: float) -> float:
    """Return what part it is of the limit, from -1 to 1."""
    return max(-1.0, min(1.0, part / (limit or 1.0)))
