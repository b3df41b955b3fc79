"""An explained text: its words, marked by what each added to the score, and the strongest by name.

Colour is never alone: what speaks for is underlined by a line, what speaks against by dots, and the
strongest are written out with their figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnarch_nb.core.vocabulary import CLOSING, OPENING, Vocabulary
from nnarch_nb.views.explanation_words import answer, error, predicted, sample, verdict
from nnarch_nb.views.values import signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from nnarch_nb.verbs.explain import Explanation

LONGEST = 90  # tokens of a text that are shown
STRONGEST = 4  # tokens named on either side
UNSAID = 0.01  # of the strongest: what adds less is not named
LEVELS = 5  # of colour
DEEPEST = 0.55  # opaqueness: the text stays readable on it, in the dark too
FOR, AGAINST = "213,94,0", "0,114,178"
LINE_ENDS = {"\n": "⏎", "\r": "⏎", "\t": "⇥"}  # of characters: a mark in the text must be seen


@dataclass(frozen=True)
class Piece:
    """A stretch of text marked alike; ``style`` is empty where it is not."""

    words: str
    style: str = ""


@dataclass(frozen=True)
class Text:
    """One sample.

    Attributes
    ----------
    head
        Which sample it is, and what was answered.
    pieces
        The text, cut where the marking changes.
    rest
        What is said of the tokens that are not shown.
    strongest
        The tokens that speak most for and against, with their figures.
    """

    head: str
    pieces: list[Piece]
    rest: str
    strongest: list[str]


def is_text(result: Explanation) -> bool:
    inputs = result.inputs
    return not isinstance(inputs, (tuple, dict)) and not inputs.is_floating_point()


def texts(result: Explanation, shown: range, limit: float) -> list[Text]:
    return [text_of(result, i, limit) for i in shown]


def text_of(result: Explanation, i: int, limit: float) -> Text:
    words, scores = words_of(result, i)
    cut, left = words[:LONGEST], scores[LONGEST:]
    rest = f"… {len(left):,} more tokens, together {signed(float(left.sum()))}" if len(left) else ""
    known = [] if result.labels is None else [f"label {verdict(result, i)}"]
    said = [sample(result, i), f"{predicted(result)} {answer(result, i)}", *known]
    head = " · ".join([*said, f"completeness error {error(float(result.completeness[i]))}"])
    return Text(head, pieces(cut, scores, limit, result.vocabulary), rest, strongest(words, scores))


def words_of(result: Explanation, i: int) -> tuple[list[str], np.ndarray]:
    """Return the tokens without their padding, and what each added."""
    assert not isinstance(result.inputs, (tuple, dict))
    assert not isinstance(result.attributions, (tuple, dict))
    ids, scores = result.inputs[i].tolist(), result.attributions[i].float().numpy()
    words = words_in(ids, result.vocabulary)
    return words, scores[: len(words)]


def words_in(ids: Sequence[int], vocabulary: Vocabulary | None) -> list[str]:
    """Return the words of a text without its padding, which stands at the end."""
    length = max((place + 1 for place, number in enumerate(ids) if number), default=0)
    return [word(number, vocabulary) for number in ids[:length]]


def word(number: int, vocabulary: Vocabulary | None) -> str:
    """Return a token's word, or its number where there is none."""
    known = vocabulary is not None and 0 <= number < len(vocabulary)
    found = vocabulary.words[number] if vocabulary is not None and known else str(number)
    return LINE_ENDS.get(found, found)


def seen(word: str) -> str:
    """Return a token that stands alone: a space is written as a sign."""
    return "␣" if word == " " else word


def pieces(
    words: Sequence[str], scores: np.ndarray, limit: float, vocabulary: Vocabulary | None
) -> list[Piece]:
    """Return the text in stretches of the same colour."""
    found: list[Piece] = []
    for gap, each, score in zip(gaps(words, vocabulary), words, scores, strict=False):
        style = style_of(float(score) / (limit or 1.0))
        if found and found[-1].style == style:
            found[-1] = Piece(f"{found[-1].words}{gap}{each}", style)
            continue
        found += [Piece(gap)] if gap else []
        found.append(Piece(each, style))
    return found


def gaps(words: Sequence[str], vocabulary: Vocabulary | None) -> list[str]:
    """Return what stands before each word: a space, or nothing where they belong together."""
    if vocabulary is not None and vocabulary.level == "char":
        return [""] * len(words)
    glued = [i == 0 or w[:1] in CLOSING or words[i - 1] in OPENING for i, w in enumerate(words)]
    return ["" if together else " " for together in glued]


def style_of(share: float) -> str:
    """Return the inline style of a token: a sanitizer that drops style sheets keeps it."""
    level = round(min(1.0, abs(share)) * LEVELS)
    if not level:
        return ""
    line = "solid" if share > 0 else "dotted"
    colour = FOR if share > 0 else AGAINST
    return f"background:rgba({colour},{DEEPEST * level / LEVELS:.2f});border-bottom:2px {line} rgb({colour})"


def strongest(words: Sequence[str], scores: np.ndarray) -> list[str]:
    """Return the tokens that speak most for, and most against, each with its figure."""
    order = np.argsort(-scores, kind="stable")
    least = UNSAID * float(np.abs(scores).max(initial=0.0))
    top = [i for i in order[:STRONGEST] if scores[i] > least]
    low = [i for i in order[::-1][:STRONGEST] if scores[i] < -least]
    named = [", ".join(f"{seen(words[i])} {signed(float(scores[i]))}" for i in group) for group in (top, low)]
    return [f"{side}: {told}" for side, told in zip(("for", "against"), named, strict=True) if told]


def lines(result: Explanation, shown: range, limit: float) -> str:
    """Return the texts for a terminal, where nothing is coloured."""
    told = []
    for text in texts(result, shown, limit):
        body = "".join(piece.words for piece in text.pieces)
        told.append(
            "\n".join(["  " + part for part in [body, *([text.rest] if text.rest else []), *text.strongest]])
        )
        told[-1] = f"{text.head}\n{told[-1]}"
    return "\n\n".join(told)


def paint(canvas: Canvas, result: Explanation, shown: range, captions: list[str]) -> None:
    """Draw the strongest tokens of each sample as bars."""
    axes = canvas.subplots(1, len(shown), squeeze=False)[0]
    for panel, i, caption in zip(axes, shown, captions, strict=True):
        words, scores = words_of(result, i)
        order = np.argsort(-np.abs(scores), kind="stable")[: 2 * STRONGEST][::-1]
        colours = ["#D55E00" if scores[j] > 0 else "#0072B2" for j in order]
        panel.barh(range(len(order)), scores[order], color=colours)
        panel.set_yticks(range(len(order)), [seen(words[j])[:14] for j in order], fontsize=7)
        panel.tick_params(axis="x", labelsize=6)
        panel.set_title(caption, fontsize=8)
