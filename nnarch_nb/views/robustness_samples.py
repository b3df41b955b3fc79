"""A few attacked samples: original, difference and adversarial, or a table's most changed columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from nnarch_nb.views import pixels
from nnarch_nb.views.explanation_series import LOW, standing
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.robustness_texts import Text, text_of
from nnarch_nb.views.values import value

if TYPE_CHECKING:
    from nnarch_nb.verbs.attack import Robustness

IMAGES, RECORDS = 4, 3  # samples shown
COLUMNS = 8
SHRUNK = 6 / 7  # of the usual size, so that the grid stands beside the curve


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: an image or words."""

    words: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Row:
    """One row of the grid; ``words`` where its cells say something without their pictures."""

    head: str
    cells: list[Cell]
    words: bool = True


@dataclass(frozen=True)
class Grid:
    """Samples side by side."""

    caption: str
    samples: list[str]
    rows: list[Row]
    width: int
    texts: tuple[Text, ...] = ()


def grid(result: Robustness) -> Grid:
    if result.norm == "l0":
        return texts(result)
    shape = tuple(result.originals.shape[1:])
    pictured = pixels.drawable(shape)
    which, caption = chosen(result, IMAGES if pictured else RECORDS)
    rows = image_rows(result, which) if pictured else column_rows(result, which)
    caption += "; white after a series' end" if bool(result.originals[which].isnan().any()) else ""
    names = [f"sample {int(result.indices[i]):,}" for i in which]
    width = shown_width(shape) if pictured else 0
    return Grid(caption, names, [*rows, *verdict_rows(result, which)], width)


def shown_width(shape: tuple[int, ...]) -> int:
    standing_up = (max(shape[1], shape[0] // LOW), shape[0]) if len(shape) == 2 else shape
    return round(SHRUNK * pixels.shown_width(standing_up))


def texts(result: Robustness) -> Grid:
    """Return samples as texts, one below the other: words need room."""
    which, caption = chosen(result, IMAGES)
    heads = [
        f"sample {int(result.indices[i]):,} · {was(result, i)} → {now(result, i)}{at(result, i)}"
        for i in which
    ]
    found = tuple(text_of(result, i, head) for i, head in zip(which, heads, strict=True))
    return Grid(f"{caption}: each swap as before, crossed out, and after", [], [], 0, found)


def at(result: Robustness, i: int) -> str:
    fell = bool(result.fooled()[i] and result.predictions[i] == result.labels[i])
    return f" · fell at ε = {value(fell_at(result, i))}" if fell else ""


def chosen(result: Robustness, most: int) -> tuple[list[int], str]:
    """Return samples that were right and fell, of as many classes as there are; others if none fell."""
    fell = (result.fooled() & (result.predictions == result.labels)).nonzero()[:, 0].tolist()
    if not fell:
        caption = f"None of the right predictions fell at ε = {value(result.eps)}"
        return list(range(min(most, len(result)))), caption
    firsts = {int(result.labels[i]): i for i in reversed(fell)}
    order = sorted(firsts.values()) + [i for i in fell if i not in firsts.values()]
    return sorted(order[:most]), f"Predictions that were right and fell within ε = {value(result.eps)}"


def image_rows(result: Robustness, which: list[int]) -> list[Row]:
    after, low_high = result.adversarial(), result.bounds
    before = [
        Cell(
            picture=pixels.values(
                drawn(result.originals[i], low_high[1]), low_high, f"original, {was(result, i)}"
            )
        )
        for i in which
    ]
    changed = [
        Cell(picture=pixels.values(drawn(after[i], low_high[1]), low_high, f"adversarial, {now(result, i)}"))
        for i in which
    ]
    change = [difference(result, i) for i in which]
    strength = (low_high[1] - low_high[0]) / (reach(result) or low_high[1] - low_high[0])
    return [
        Row("original", before, words=False),
        Row(f"difference ×{value(strength, 2)}", change, words=False),
        Row("adversarial", changed, words=False),
    ]


def drawn(sample: torch.Tensor, blank: float) -> torch.Tensor:
    """Return an image as it is; a series with time to the right, and its padding blank."""
    return standing(sample.nan_to_num(blank)) if sample.dim() == 2 else sample


def difference(result: Robustness, i: int) -> Cell:
    change = drawn((result.adversarial()[i] - result.originals[i]), 0.0)
    plane = change if change.dim() == 2 else change.mean(0)
    words = f"difference, at most {value(float(change.abs().max()), 3)}; orange up, blue down"
    return Cell(picture=pixels.signed(plane, reach(result), words))


def reach(result: Robustness) -> float:
    """Return the largest eps in raw units."""
    low, high = result.bounds
    return result.eps * (high - low if result.unit.startswith("of ") else 1.0)


def column_rows(result: Robustness, which: list[int]) -> list[Row]:
    """Return the columns that changed most, measured by what each changes over all samples."""
    before = result.originals.flatten(1)[which].numpy()
    after = result.adversarial().flatten(1)[which].numpy()
    spread = result.originals.flatten(1).std(0, correction=0).numpy()
    share = np.abs(after - before).mean(0) / np.where(spread > 0, spread, 1.0)
    rows = []
    for j in np.argsort(-share, kind="stable")[:COLUMNS]:
        cells = [Cell(f"{value(before[i, j])} → {value(after[i, j])}") for i in range(len(which))]
        rows.append(Row(column(result, int(j)), cells))
    return rows


def column(result: Robustness, number: int) -> str:
    return result.features[number] if number < len(result.features) else f"input[{number}]"


def verdict_rows(result: Robustness, which: list[int]) -> list[Row]:
    rows = [
        Row("predicted before", [Cell(was(result, i)) for i in which]),
        Row("predicted after", [Cell(now(result, i)) for i in which]),
    ]
    if not all(result.fooled()[i] and result.predictions[i] == result.labels[i] for i in which):
        return rows
    return [*rows, Row("fell at ε", [Cell(value(fell_at(result, i))) for i in which])]


def fell_at(result: Robustness, i: int) -> float:
    """Return the smallest eps measured that turned the prediction: the adversarial shown is of that size."""
    return next(eps for eps in result.verdicts if bool(result.fooled(eps)[i]))


def was(result: Robustness, i: int) -> str:
    return result.named(int(result.predictions[i]))


def now(result: Robustness, i: int) -> str:
    verdicts: torch.Tensor = result.verdicts[result.eps]
    return result.named(int(verdicts[i]))
