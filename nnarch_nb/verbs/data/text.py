"""Text as tokens: cut into words before the splits are made, put into numbers after.

The vocabulary is learned from the training split alone, and texts that are equal once tokenized stay in one
split; so both must wait until the splits are known, and ``Loaded`` carries the tokens until then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nnarch_nb.core.data import Vocabulary
from nnarch_nb.core.room import check_room
from nnarch_nb.core.vocabulary import UNKNOWN, tokens_of
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.data import labels
from nnarch_nb.verbs.data.arrays import is_sparse
from nnarch_nb.verbs.data.labels import Targets
from nnarch_nb.verbs.data.loaded import Loaded, check_lengths
from nnarch_nb.verbs.data.options import Options

TAKES = ("text", "level", "max_len", "vocab_size")
WORDS = 10_000  # entries of a vocabulary, if nothing else is asked for
WHOLE = 95  # per cent of the texts that stay whole
LONGEST = 512  # tokens at most, unless asked for: the cost of attention grows with their square
PLURAL = {"word": "words", "char": "characters"}


def load(
    texts: Iterable[Any], targets: Any, name: str, options: Options, target: str = "class", **known: Any
) -> Loaded:
    """Return texts with their targets, which are labels of any kind or ``Targets``.

    Raises
    ------
    NNArchError
        A text is missing or no text, or all of them are empty.
    """
    texts = list(texts)
    targets = targets if isinstance(targets, Targets) else labels.encode(targets, target)
    check_lengths(texts, targets.y)
    check_texts(texts, name)
    tokens = tuple(tuple(tokens_of(text, options.level)) for text in texts)
    if not any(tokens):
        raise NNArchError(f"{name} holds no words: every one of its {len(texts):,} texts is empty")
    return Loaded(
        name=name,
        x=torch.zeros(len(texts), 0, dtype=torch.int64),
        y=targets.y,
        kind=targets.kind,
        classes=targets.names,
        target=target,
        texts=tokens,
        **{"notes": targets.notes, **known},
    )


def is_text(values: Any) -> bool:
    """Tell whether these are samples of text: a list, array or column whose first value is a string."""
    if isinstance(values, (torch.Tensor, str)) or not hasattr(values, "__len__") or is_sparse(values):
        return False
    if not len(values):
        return False
    first = values.iloc[0] if hasattr(values, "iloc") else values[0] if not hasattr(values, "keys") else None
    return isinstance(first, str)


def check_texts(texts: list[Any], name: str) -> None:
    odd = next((i for i, text in enumerate(texts) if not isinstance(text, str)), None)
    if odd is not None:
        raise NNArchError(
            f"sample {odd} in {name} is {shorten(repr(texts[odd]), 40)}, not text: fill or drop it first"
        )


def in_numbers(loaded: Loaded, rows: dict[str, np.ndarray], options: Options) -> Loaded:
    """Return the texts as ids ``(n, steps)``, by the vocabulary of the training split."""
    kept = [loaded.texts[i] for part in rows.values() for i in part]
    train = rows["train"]
    learned = [loaded.texts[i] for i in train] or kept
    vocabulary = Vocabulary.learned(learned, options.vocab_size or WORDS, options.level)
    most = options.max_len or usual_length(learned)
    longest = max(1, min(most, max(map(len, kept))))
    check_room(
        2 * len(loaded.texts) * longest,
        f"{len(loaded.texts):,} texts of {longest:,} tokens",
        "lower max_len=",
    )
    x = np.zeros((len(loaded.texts), longest), np.int64)
    for row, tokens in zip(x, loaded.texts, strict=True):
        ids = [vocabulary.ids.get(token, UNKNOWN) for token in tokens[:longest]] or [UNKNOWN]
        row[: len(ids)] = ids
    notes = (*vocabulary_note(vocabulary, learned, len(train)), *length_note(kept, longest, options))
    return replace(loaded, x=torch.from_numpy(x), vocabulary=vocabulary, notes=(*loaded.notes, *notes))


def usual_length(texts: list[tuple[str, ...]]) -> int:
    """Return a length in tokens that leaves most texts whole."""
    return max(1, min(LONGEST, math.ceil(np.percentile([len(text) for text in texts], WHOLE))))


def vocabulary_note(vocabulary: Vocabulary, texts: list[tuple[str, ...]], train: int) -> tuple[str, ...]:
    found = len({token for text in texts for token in text})
    known, what = len(vocabulary) - 2, PLURAL[vocabulary.level]
    share = f"all {found:,}" if known == found else f"the {known:,} most frequent of {found:,}"
    whose = "the training split" if train else "all texts, there being no training split"
    return (f"the vocabulary is {share} {what} of {whose}; every other is {vocabulary.words[UNKNOWN]}",)


def length_note(texts: list[tuple[str, ...]], longest: int, options: Options) -> tuple[str, ...]:
    cut = sum(len(text) > longest for text in texts)
    empty = sum(not text for text in texts)
    what = PLURAL[options.level]
    notes = [f"{cut:,} of {len(texts):,} texts cut after {longest:,} {what} (max_len)"] if cut else []
    notes += [f"{empty:,} texts without {what} are one unknown token each"] if empty else []
    return tuple(notes)
