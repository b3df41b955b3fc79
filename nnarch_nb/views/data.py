"""How data looks: sizes, classes with samples of each, columns, targets, and what was done to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from nnarch_nb.core.data import Column, Data, Split
from nnarch_nb.errors import shorten
from nnarch_nb.views import numbers, pixels, tiles
from nnarch_nb.views.data_charts import amount, balance, histogram
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading
from nnarch_nb.views.sentence import sentence

MOST_CLASSES = 20
MOST_PICTURED = 10
MOST_COLUMNS = 12
FOLD_FROM = 16  # fewer are shown whole: to fold three saves nothing
SMALL = 32  # pixels; of larger images one per class keeps the result light
BAR = 56  # pixels on the page, the width of a sample


@dataclass(frozen=True)
class ClassRow:
    """One class: how many training samples it has, and pictures of two of them."""

    name: str
    count: int
    bar: int
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class ColumnRow:
    """One column of a table, its figures in raw units over the training split."""

    name: str
    kind: str
    low: str
    mean: str
    high: str
    missing: str


def html(data: Data) -> str:
    classes = class_rows(data)
    table = column_rows(data)
    shown_columns = MOST_COLUMNS if len(table) >= FOLD_FROM else len(table)
    return render(
        "data.html.j2",
        title=f"Data {data.name}",
        subtitle=subtitle(data),
        strip=strip(data),
        heading=heading_of(classes, shown(data)[0]),
        classes=classes[:MOST_CLASSES],
        more_classes=classes[MOST_CLASSES:],
        columns=table[:shown_columns],
        more_columns=table[shown_columns:],
        histogram=target_histogram(data) if data.kind == "regression" else None,
        shown=shown(data)[0],
        trust=trust(data),
    )


def text(data: Data) -> str:
    parts = [heading(f"Data {data.name}", subtitle(data), strip(data))]
    if data.kind == "classification":
        rows = class_rows(data, pictured=False)
        table = [["class", "samples"], *([row.name, numbers.count(row.count)] for row in rows[:MOST_CLASSES])]
        parts.append(columns(table) + more(len(rows) - MOST_CLASSES))
    if data.columns:
        cells = [[c.name, c.kind, c.low, c.mean, c.high, c.missing] for c in column_rows(data)]
        head = ["column", "type", "min", "mean", "max", "missing"]
        parts.append(columns([head, *cells[:MOST_COLUMNS]], left=2) + more(len(cells) - MOST_COLUMNS))
    return "\n\n".join([*parts, trust(data)])


def picture(data: Data) -> bytes:
    """Return samples of every class; where samples are no images, the balance or the targets as bars."""
    if data.kind == "regression":
        return target_histogram(data).png
    found = samples(data)
    if found:
        return tiles.sheet(list(found.values()))
    rows = class_rows(data, pictured=False)[:MOST_CLASSES]
    return balance([row.name for row in rows], [row.count for row in rows]).png


def target_histogram(data: Data) -> Picture:
    name, split = shown(data)
    return histogram(split.y[:, 0].tolist(), shorten(data.classes[0], 40), name)


def more(count: int) -> str:
    return f"\n… and {count:,} more" if count > 0 else ""


def subtitle(data: Data) -> str:
    parts = [numbers.shape(data.shape)]
    if data.columns:
        parts = [
            plural(len(data.columns), "column", "columns")
            + (f", {data.shape[0]} features" if data.shape[0] != len(data.columns) else "")
        ]
    if data.kind == "classification":
        parts.append(plural(len(data.classes), "class", "classes"))
    else:
        parts.append(f"regression of {', '.join(shorten(name, 30) for name in data.classes[:3])}")
    return " · ".join(parts)


def plural(n: int, one: str, more: str) -> str:
    return f"{n} {one if n == 1 else more}"


def strip(data: Data) -> list[Figure]:
    figures = [
        Figure(numbers.count(len(split)), name)
        for name, split in (("train", data.train), ("validation", data.val), ("test", data.test))
    ]
    if data.kind == "classification":
        figures.append(balance_figure(data))
    else:
        _, split = shown(data)
        low, high = float(split.y.min()), float(split.y.max())
        figures.append(Figure(f"{amount(low)} to {amount(high)}", "range of the target"))
    if len(data.shape) == 3:
        figures.append(Figure(f"{amount(data.bounds[0])} to {amount(data.bounds[1])}", "range of raw values"))
    return figures


def balance_figure(data: Data) -> Figure:
    counts = [count for count in class_counts(data) if count]
    absent = len(data.classes) - len(counts)
    low, high = (100 * f(counts) / sum(counts) for f in (min, max))
    value = f"{low:.1f} %" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f} %"
    return Figure(value, "share of a class" + (f", {absent} without samples" if absent else ""))


def shown(data: Data) -> tuple[str, Split]:
    """Return the split that is described: train, or what there is."""
    for name, split in (("training", data.train), ("validation", data.val), ("test", data.test)):
        if len(split):
            return name, split
    return "training", data.train


def class_counts(data: Data) -> list[int]:
    counts: list[int] = torch.bincount(shown(data)[1].y, minlength=len(data.classes)).tolist()
    return counts


def class_rows(data: Data, pictured: bool = True) -> list[ClassRow]:
    if data.kind == "regression":
        return []
    counts = class_counts(data)
    found = samples(data) if pictured else {}
    most = max(*counts, 1)
    rows = []
    for label, (name, count) in enumerate(zip(data.classes, counts, strict=True)):
        name = shorten(name, 40)
        rows.append(ClassRow(name, count, round(BAR * count / most), tuple(found.get(label, []))))
    return rows


def heading_of(classes: list[ClassRow], split: str) -> str:
    """Return what stands above the classes: samples, or bars alone."""
    pictured = any(row.pictures for row in classes)
    return (
        f"{split.capitalize()} samples of each class" if pictured else f"Number of {split} samples by class"
    )


def samples(data: Data) -> dict[int, list[Picture]]:
    """Return the first images of each of the first classes, by class number: two, or one large one."""
    if len(data.shape) != 3 or data.kind == "regression" or data.shape[0] not in (1, 3):
        return {}
    split = shown(data)[1]
    count = 2 if max(data.shape) <= SMALL else 1
    found = {}
    for label in range(min(len(data.classes), MOST_PICTURED)):
        rows = (split.y == label).nonzero().flatten()[:count]
        if len(rows):
            alt = f"sample of {shorten(data.classes[label], 40)}"
            raw = data.raw(split.x[rows])
            found[label] = [pixels.values(image, data.bounds, alt) for image in raw]
    return found


def column_rows(data: Data) -> list[ColumnRow]:
    if not data.columns:
        return []
    raw = data.raw(shown(data)[1].x)
    return [column_row(column, raw[:, part]) for column, part in placed(data.columns)]


def placed(table: tuple[Column, ...]) -> Iterator[tuple[Column, slice]]:
    start = 0
    for column in table:
        yield column, slice(start, start + column.width)
        start += column.width


def column_row(column: Column, values: torch.Tensor) -> ColumnRow:
    name, missing = shorten(column.name, 40), numbers.count(column.missing)
    if column.kind == "category":
        none = numbers.NONE
        return ColumnRow(name, f"category of {column.width}", none, none, none, missing)
    low, mean, high = (amount(float(f(values))) for f in (torch.min, torch.mean, torch.max))
    return ColumnRow(name, column.kind, low, mean, high, missing)


def trust(data: Data) -> str:
    notes = map(sentence, data.notes)
    return " ".join([*notes, f"{scaling(data)}.", "Not checked: wrong labels, near-copies."])


def scaling(data: Data) -> str:
    if data.normalization is None:
        return "Values are raw, not normalized"
    mean, std = data.normalization.mean.flatten(), data.normalization.std.flatten()
    if len(mean) == 1:
        shift = f"{'−' if mean >= 0 else '+'} {amount(abs(float(mean)))}"
        return f"x = (raw {shift}) / {amount(float(std))}, mean and deviation of the training split"
    per = "channel" if len(data.shape) == 3 else "feature"
    return f"x = (raw − mean) / deviation per {per}, both of the training split"
