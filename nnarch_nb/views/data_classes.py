"""Classes and labels of data: how many samples each has, and pictures of some."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.errors import shorten
from nnarch_nb.views import numbers, pixels
from nnarch_nb.views.data_shown import MOST_PICTURED, shown
from nnarch_nb.views.figure import Picture
from nnarch_nb.views.result import Figure

SMALL = 32  # pixels; of larger images one per class keeps the result light
BAR = 56  # pixels on the page, the width of a sample


@dataclass(frozen=True)
class ClassRow:
    """One class or label: how many training samples it has, and pictures of two of them."""

    name: str
    count: int
    share: float
    bar: int
    pictures: tuple[Picture, ...] = ()


def class_counts(data: Data) -> list[int]:
    """Return how many samples of the split that is described each class or label has; of masks, pixels."""
    y = shown(data)[1].y
    if data.kind == "multi-label":
        return [int(count) for count in y.sum(0)]
    if data.kind == "segmentation":
        y = y[y >= 0]
    elif data.kind != "classification":
        return []
    counts: list[int] = torch.bincount(y, minlength=len(data.classes)).tolist()
    return counts


def class_rows(data: Data, pictured: bool = True) -> list[ClassRow]:
    counts = class_counts(data)
    found = samples(data) if pictured else {}
    most = max(*counts, 1) if counts else 1
    total = len(shown(data)[1]) if data.kind == "multi-label" else sum(counts)
    rows = []
    for label, (name, count) in enumerate(zip(data.classes, counts, strict=False)):
        pictures = tuple(found.get(label, []))
        share = count / total if total else 0.0
        rows.append(ClassRow(shorten(name, 40), count, share, round(BAR * count / most), pictures))
    return rows


def heading_of(data: Data, classes: list[ClassRow]) -> str:
    """Return what stands above the classes: samples, or bars alone."""
    split = shown(data)[0]
    if data.kind == "segmentation":
        return f"Number of {split} pixels by class"
    if data.kind == "multi-label":
        return f"Number of {split} samples with each label; a sample may have several or none"
    pictured = any(row.pictures for row in classes)
    return (
        f"{split.capitalize()} samples of each class" if pictured else f"Number of {split} samples by class"
    )


def samples(data: Data) -> dict[int, list[Picture]]:
    """Return the first images of each of the first classes, by class number: two, or one large one."""
    if data.form != "image" or data.kind != "classification" or data.shape[0] not in (1, 3):
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


def balance_figure(data: Data) -> Figure:
    counts = [count for count in class_counts(data) if count]
    absent = len(data.classes) - len(counts)
    total = len(shown(data)[1]) if data.kind == "multi-label" else sum(counts)
    low, high = (100 * f(counts, default=0) / max(total, 1) for f in (min, max))
    value = f"{low:.1f} %" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f} %"
    what = {"multi-label": "of samples have a label", "segmentation": "of pixels in a class"}
    unit = what.get(data.kind, "share of a class")
    return Figure(value, unit + (f", {absent} without samples" if absent else ""))


def labels_figure(data: Data) -> Figure:
    """Return how many labels a sample has on average."""
    mean = float(shown(data)[1].y.sum(1).mean())
    return Figure(numbers.significant(mean), "labels per sample, mean")
