"""What a folder holds, told by how it is laid out and how its files end.

Read are folders of classes (``class/*.png``, ``class/*.txt``), the same below ``train``, ``val`` and
``test``, ``images`` beside ``masks``, ``.ts`` files, plain text files, and IDX files. Hidden files, empty
folders, files of other kinds and those without a class are left out, and counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import download, idx, images, language, masks, text, tsfile
from nnarch_nb.verbs.data.labels import Targets
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.walk import SPLITS, ending, files_below, read_text, visible

TEXTS = (".txt", ".md", ".rst")
KINDS = {**dict.fromkeys(images.ENDINGS, "images"), **dict.fromkeys(TEXTS, "texts")}
UNLABELLED = ("unsup", "unlabeled", "unlabelled")  # names of folders of samples that have no class
Sample = tuple[str, str, Path]  # its split, its class and its file


def load(folder: Path, options: Options) -> Loaded:
    """Return the samples in a folder.

    Raises
    ------
    NNArchError
        It holds nothing that can be read, or an option means nothing for what it holds.
    """
    if idx.find(folder, "train", "images"):
        options.require_only((), f"the folder {folder}")
        return idx.read_folder(folder, classes=download.CLOTHES if download.is_fashion(folder) else None)
    entries = visible(folder)
    inner = [entry for entry in entries if entry.is_dir()]
    if series := [entry for entry in entries if entry.is_file() and tsfile.is_ts(entry)]:
        options.require_only((), "time series")
        return tsfile.load(only_set(series, folder))
    if pairs := masks.find(folder):
        options.require_only(("size",), "images with masks")
        return masks.load(pairs, folder.name, options)
    samples = below_splits(inner) or below(inner, "")
    if samples:
        return by_class(folder, samples, options)
    if plain := [entry for entry in entries if entry.is_file() and KINDS.get(ending(entry)) == "texts"]:
        options.require_only(language.TAKES, "a plain text")
        whole = "\n\n".join(read_text(path) for path in plain)
        return language.load(
            whole, folder.name, options, (f"{len(plain):,} files in the order of their names",)
        )
    refuse_unsorted(folder, entries)
    return idx.read_folder(folder)


def only_set(files: list[Path], folder: Path) -> Path:
    """Return a file of the one set there is."""
    sets = {frozenset(tsfile.pair_of(path).values()): path for path in files}
    if len(sets) > 1:
        names = ", ".join(shorten(path.name, 40) for path in sets.values())
        raise NNArchError(f"{folder} holds {len(sets)} sets of series ({names}): give one of the files")
    return files[0]


def below_splits(folders: list[Path]) -> list[Sample]:
    """Return the samples of ``train/class/…`` and so on; none where the folders are no splits."""
    splits = {folder: SPLITS.get(folder.name.lower()) for folder in folders}
    if "train" not in splits.values() or None in splits.values() or len(set(splits.values())) < len(splits):
        return []
    found = {str(splits[folder]): below([e for e in visible(folder) if e.is_dir()], str(splits[folder]))
             for folder in folders}  # fmt: skip
    return [sample for samples in found.values() for sample in samples] if found["train"] else []


def below(classes: list[Path], split: str) -> list[Sample]:
    """Return the files of each class, a folder each, of every kind that is read."""
    named = [each for each in classes if each.name.lower() not in UNLABELLED]
    return [
        (split, each.name, file)
        for each in named
        for file in visible(each)
        if ending(file) in KINDS and file.is_file()
    ]


def refuse_unsorted(folder: Path, entries: list[Path]) -> None:
    """Say how files should lie that lie in no folder of a class, or below more than one.

    Raises
    ------
    NNArchError
        There are files that could be samples.
    """
    here = [entry for entry in entries if ending(entry) in KINDS and entry.is_file()]
    if here:
        raise NNArchError(
            f"{folder} holds {len(here):,} {KINDS[ending(here[0])]} and nothing that says their classes: put "
            f"those of each class into a folder of its own"
        )
    deep = next((file for file in files_below(folder, 4) if ending(file) in KINDS), None)
    if deep is not None:
        inner = [entry for entry in entries if entry.is_dir()]
        cure = f"give {inner[0]} itself" if len(inner) == 1 else "move them up into the folder of their class"
        raise NNArchError(
            f"{folder} has its {KINDS[ending(deep)]} deeper than class/file "
            f"({deep.relative_to(folder)}): {cure}"
        )


def by_class(folder: Path, samples: list[Sample], options: Options) -> Loaded:
    """Return images or texts with the name of their folder as class."""
    kinds = Counter(KINDS[ending(file)] for _, _, file in samples)
    kind = kinds.most_common(1)[0][0]
    options.require_only(("size",) if kind == "images" else text.TAKES[1:], f"{kind} in folders")
    kept = [sample for sample in samples if KINDS[ending(sample[2])] == kind]
    order = sorted(kept, key=lambda sample: ["", "train", "val", "test"].index(sample[0]))
    files = [file for _, _, file in order]
    classes = tuple(sorted({name for _, name, _ in order}))
    y = torch.from_numpy(np.searchsorted(np.array(classes), np.array([name for _, name, _ in order])))
    targets = Targets(y, "classification", classes)
    sizes = Counter(split for split, _, _ in order)
    given = {split: sizes[split] for split in ("train", "val", "test") if sizes[split]}
    notes = left_out(folder, {file for _, _, file in order}, kind)
    if kind == "texts":
        loaded = text.load(map(read_text, files), targets, folder.name, options)
    else:
        x, told = images.load(files, options.size)
        loaded = Loaded(
            folder.name, x, y, "classification", classes, (0.0, 255.0), target="class", notes=told
        )
    return replace(loaded, given=given, cut=still_to_cut(given), notes=(*loaded.notes, *notes))


def still_to_cut(given: dict[str, int]) -> tuple[str, ...]:
    """Return the splits to cut from train: those that are not given."""
    return tuple(split for split in ("val", "test") if split not in given)


def left_out(folder: Path, used: set[Path], kind: str) -> tuple[str, ...]:
    """Say how many files stand beside those that were read, at most three folders down."""
    others = sorted(path for path in files_below(folder, 3) if path not in used)
    if not others:
        return ()
    named = ", ".join(shorten(path.name, 30) for path in others[:3])
    named += ", …" if len(others) > 3 else ""
    files = "1 file that is" if len(others) == 1 else f"{len(others):,} files that are"
    return (f"{files} no {kind} of a class left out ({named})",)
