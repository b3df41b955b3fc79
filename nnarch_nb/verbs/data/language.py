"""A plain text for language modelling: windows in order, each with the token after every one of its own.

The last parts of the text are held out, so that no window of them was seen in training.
"""

from __future__ import annotations

import numpy as np
import torch

from nnarch_nb.core.data import Vocabulary
from nnarch_nb.core.vocabulary import UNKNOWN, tokens_of
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.data.loaded import Loaded
from nnarch_nb.verbs.data.options import Options
from nnarch_nb.verbs.data.text import PLURAL, WORDS, vocabulary_note

TAKES = ("level", "vocab_size", "window")
WINDOW = 64


def load(text: str, name: str, options: Options, notes: tuple[str, ...] = ()) -> Loaded:
    """Return a text as windows of tokens, each with the same window one token later as its target.

    Raises
    ------
    NNArchError
        A split of the text is shorter than a window.
    """
    window = options.window or WINDOW
    tokens = tokens_of(text, options.level)
    if not tokens:
        raise NNArchError(f"{name} is empty: it holds no {PLURAL[options.level]}")
    parts = apart(tokens, {"val": options.val, "test": options.test})
    check_long_enough(parts, window, name, options)
    vocabulary = Vocabulary.learned([parts["train"]], options.vocab_size or WORDS, options.level)
    cut = {split: windows(part, vocabulary, window) for split, part in parts.items() if part}
    given = {split: len(x) for split, (x, _) in cut.items()}
    shares = " and ".join(f"{100 * getattr(options, s):g} % {s}" for s in ("val", "test") if parts[s])
    how = (f"{shares} are the last parts of the text, no window across two splits",) if shares else ()
    return Loaded(
        name=name,
        x=torch.cat([x for x, _ in cut.values()]),
        y=torch.cat([y for _, y in cut.values()]),
        kind="next-token",
        classes=vocabulary.words,
        target="next token",
        given=given,
        cut=(),
        in_order=True,
        vocabulary=vocabulary,
        notes=(*notes, *how, *vocabulary_note(vocabulary, [tuple(parts["train"])], 1)),
    )


def apart(tokens: list[str], shares: dict[str, float]) -> dict[str, list[str]]:
    """Return the text in parts: the last for test, the one before for validation.

    Examples
    --------
    >>> apart(list("abcdefghij"), {"val": 0.2, "test": 0.1})
    {'train': ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'val': ['h', 'i'], 'test': ['j']}
    """
    end = len(tokens) - round(len(tokens) * shares["test"])
    start = end - round(len(tokens) * shares["val"])
    return {"train": tokens[:start], "val": tokens[start:end], "test": tokens[end:]}


def check_long_enough(parts: dict[str, list[str]], window: int, name: str, options: Options) -> None:
    for split, part in parts.items():
        wanted = split == "train" or getattr(options, split) > 0
        cure = "" if split == "train" else f", or {split}=0"
        if wanted and len(part) <= window:
            raise NNArchError(
                f"{name} has {len(part):,} {PLURAL[options.level]} for {split}, too few for a window of "
                f"{window} and the token after it: lower window=, or give more text{cure}"
            )


def windows(tokens: list[str], vocabulary: Vocabulary, window: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return windows ``(n, window)`` side by side and the tokens one later, without what fills none."""
    ids = torch.from_numpy(np.array([vocabulary.ids.get(token, UNKNOWN) for token in tokens], np.int64))
    whole = (len(ids) - 1) // window * window
    return ids[:whole].reshape(-1, window), ids[1 : whole + 1].reshape(-1, window)
