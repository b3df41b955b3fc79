"""How data looks: sizes, samples by its form, classes, columns, targets, and what was done to it."""

from __future__ import annotations

from nnarch_nb.core.data import Data
from nnarch_nb.errors import shorten
from nnarch_nb.views import data_masks, data_series, data_text, numbers, tiles
from nnarch_nb.views.data_charts import amount, balance, histogram
from nnarch_nb.views.data_classes import balance_figure, class_rows, heading_of, labels_figure, samples
from nnarch_nb.views.data_columns import column_rows
from nnarch_nb.views.data_shown import MOST_CLASSES, plural, shown
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading
from nnarch_nb.views.sentence import sentence

MOST_COLUMNS = 12
FOLD_FROM = 16  # fewer are shown whole: to fold three saves nothing


def html(data: Data, drawn: list[Picture] | None = None) -> str:
    classes = class_rows(data)
    table = column_rows(data)
    shown_columns = MOST_COLUMNS if len(table) >= FOLD_FROM else len(table)
    return render(
        "data.html.j2",
        title=f"Data {data.name}",
        subtitle=subtitle(data),
        strip=strip(data),
        heading=heading_of(data, classes),
        classes=classes[:MOST_CLASSES],
        more_classes=classes[MOST_CLASSES:],
        labels=data.kind in ("multi-label", "segmentation"),
        dots=[data_masks.dot(i) for i in range(len(classes))] if data.kind == "segmentation" else [],
        columns=table[:shown_columns],
        more_columns=table[shown_columns:],
        charts=drawings(data) if drawn is None else drawn,
        texts=data_text.samples(data),
        texts_heading=shorten(data_text.heading(data), 40),
        pairs=data_masks.pairs(data),
        grey=data_masks.some_ignored(data),
        repeats=data_masks.repeats(data),
        shown=shown(data)[0],
        trust=trust(data),
    )


def drawings(data: Data) -> list[Picture]:
    """Return the drawings that the form of the data calls for."""
    if data.form == "series":
        return data_series.pictures(data)
    found = [target_histogram(data)] if data.kind == "regression" else []
    return [*found, data_series.lengths(data)] if data.form == "tokens" and data.padded else found


def text(data: Data) -> str:
    parts = [heading(f"Data {data.name}", subtitle(data), strip(data))]
    rows = class_rows(data, pictured=False)
    if rows:
        name, unit = {"multi-label": ("label", "samples"), "segmentation": ("class", "pixels")}.get(
            data.kind, ("class", "samples")
        )
        table = [[name, unit], *([row.name, numbers.count(row.count)] for row in rows[:MOST_CLASSES])]
        parts.append(columns(table) + more(len(rows) - MOST_CLASSES))
    if data.form == "tokens":
        parts.append("\n".join(f"{each.name}: {each.text[:100]}" for each in data_text.samples(data)))
    if data.columns:
        cells = [[c.name, c.kind, c.low, c.mean, c.high, c.missing] for c in column_rows(data)]
        head = ["column", "type", "min", "mean", "max", "missing"]
        parts.append(columns([head, *cells[:MOST_COLUMNS]], left=2) + more(len(cells) - MOST_COLUMNS))
    return "\n\n".join([*parts, trust(data)])


def picture(data: Data, drawn: list[Picture] | None = None) -> bytes:
    """Return samples of every class; where samples are no images, what is drawn of them, or bars."""
    drawn = drawings(data) if drawn is None else drawn
    if drawn:
        return drawn[0].png
    found = [[pair.image, *([pair.mask] if pair.mask else [])] for pair in data_masks.pairs(data)]
    found = found or list(samples(data).values())
    if found:
        return tiles.sheet(found)
    rows = class_rows(data, pictured=False)[:MOST_CLASSES]
    if rows:
        return balance([row.name for row in rows], [row.count for row in rows]).png
    return data_series.lengths(data).png if data.form == "tokens" else sizes(data).png


def sizes(data: Data) -> Picture:
    """Return how many samples each split has, where nothing else is to be drawn."""
    parts = {"train": data.train, "validation": data.val, "test": data.test}
    return balance(list(parts), [len(split) for split in parts.values()])


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
    elif data.form == "series":
        most = "up to " if data.padded else ""
        channels = plural(data.shape[1], "channel", "channels")
        parts = [f"series of {most}{data.shape[0]:,} steps × {channels}"]
    elif data.form == "tokens":
        parts = [f"{'up to ' if data.padded else ''}{data.shape[0]:,} tokens"]
    return " · ".join([*parts, task(data)])


def task(data: Data) -> str:
    """Return what is asked of a network."""
    if data.forecast is not None:
        targets = ", ".join(shorten(name, 30) for name in data.forecast.targets[:3])
        return f"forecast of {targets}, {plural(data.forecast.horizon, 'step', 'steps')} ahead"
    names = ", ".join(shorten(name, 30) for name in data.classes[:3])
    return {
        "classification": plural(len(data.classes), "class", "classes"),
        "regression": f"regression of {names}",
        "multi-label": f"multi-label, {plural(len(data.classes), 'label', 'labels')}",
        "next-token": "the next token",
        "segmentation": f"segmentation, {plural(len(data.classes), 'class', 'classes')}",
        "reconstruction": "reconstruction",
    }[data.kind]


def strip(data: Data) -> list[Figure]:
    figures = [
        Figure(numbers.count(len(split)), name)
        for name, split in (("train", data.train), ("validation", data.val), ("test", data.test))
    ]
    figures += target_figures(data)
    if data.form == "image":
        figures.append(Figure(f"{amount(data.bounds[0])} to {amount(data.bounds[1])}", "range of raw values"))
    if data.padded:
        name, split = shown(data)
        lengths = split.lengths
        what = f"tokens of a {name} text" if data.form == "tokens" else f"steps of a {name} series"
        figures.append(Figure(f"{int(lengths.min())} to {int(lengths.max())}", what))
    return [*figures, *data_text.figures(data)]


def target_figures(data: Data) -> list[Figure]:
    if data.kind == "regression":
        y, several = shown(data)[1].y, data.forecast is None and len(data.classes) > 1
        y = y[:, 0] if several else y  # other targets have other units
        which = shorten(data.classes[0], 30) if several else "the target"
        return [Figure(f"{amount(float(y.min()))} to {amount(float(y.max()))}", f"range of {which}")]
    if data.kind in ("next-token", "reconstruction"):
        return []
    return [balance_figure(data), *([labels_figure(data)] if data.kind == "multi-label" else [])]


def trust(data: Data) -> str:
    notes = map(sentence, data.notes)
    scaled = [] if data.vocabulary is not None else [f"{scaling(data)}."]
    return " ".join([*notes, *scaled, "Not checked: wrong labels, near-copies."])


def scaling(data: Data) -> str:
    if data.normalization is None:
        return "Values are raw, not normalized"
    mean, std = data.normalization.mean.flatten(), data.normalization.std.flatten()
    if len(mean) == 1:
        shift = f"{'−' if mean >= 0 else '+'} {amount(abs(float(mean)))}"
        return f"x = (raw {shift}) / {amount(float(std))}, mean and deviation of the training split"
    per = "feature" if data.form == "table" else "channel"
    return f"x = (raw − mean) / deviation per {per}, both of the training split"
