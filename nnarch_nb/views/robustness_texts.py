"""Attacked texts: the words that were swapped, crossed out beside what stands there now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.views.explanation_tokens import gaps, seen, word, words_in

if TYPE_CHECKING:
    from nnarch_nb.verbs.attack import Robustness

AROUND = 12  # tokens shown on either side of a swap


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``now`` is what took the place of ``words``, empty where nothing did."""

    words: str
    now: str = ""


@dataclass(frozen=True)
class Text:
    """One sample: which it is with its verdicts, and the text."""

    head: str
    pieces: list[Piece]


def text_of(result: Robustness, i: int, head: str) -> Text:
    before, after = result.originals[i].tolist(), result.adversarial()[i].tolist()
    names = words_in(before, result.vocabulary)
    space = gaps(names, result.vocabulary)
    moved = [a != b for a, b in zip(before[: len(names)], after, strict=False)]
    found: list[Piece] = []
    for place in range(len(names)):
        if not near(moved, place):
            if not found or found[-1].words != " … ":
                found.append(Piece(" … "))
        elif moved[place]:
            found += [
                Piece(space[place]),
                Piece(seen(names[place]), seen(word(after[place], result.vocabulary))),
            ]
        else:
            found.append(Piece(space[place] + names[place]))
    return Text(head, merged(found))


def near(moved: list[bool], place: int) -> bool:
    """Return whether a token is shown: near a swap, or near the start where there is none."""
    if not any(moved):
        return place < 2 * AROUND
    return any(moved[max(0, place - AROUND) : place + AROUND + 1])


def merged(pieces: list[Piece]) -> list[Piece]:
    """Return the stretches between swaps as one each."""
    found: list[Piece] = []
    for piece in pieces:
        if found and not piece.now and not found[-1].now:
            found[-1] = Piece(found[-1].words + piece.words)
        else:
            found.append(piece)
    return found


def plain(text: Text) -> str:
    """Return the text for a terminal: ``[good → sad]`` where a word was swapped."""
    body = "".join(f"[{p.words} → {p.now}]" if p.now else p.words for p in text.pieces)
    return f"{text.head}\n  {body.strip()}"
