"""How text becomes numbers: a tokenizer small enough to read, and the list of words it knows.

Text is kept as the ids of its words, 0 for padding and 1 for every word that the training split lacks. The
list goes along with the data, so that what a network says in ids can be read again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

Level = Literal["word", "char"]

PAD, UNKNOWN = 0, 1
SPECIAL = ("<pad>", "<unknown>")
CLOSING = frozenset(".,;:!?)]}%…")
OPENING = frozenset("([{")
# Letters of which no spaces part the words: Thai, Lao, Tibetan, Burmese, Khmer, Japanese, Chinese.
UNSPACED = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
WIDE = "\u3000-\u303f\uff00-\uff65"  # their punctuation


@cache
def words() -> re.Pattern[str]:
    """Return what a token of text is.

    A word with its inner apostrophes and with marks that its letters bear, as the vowels of Hindi, Thai
    and Hebrew are written; up to three digits, so that any number is made of few pieces; up to three of
    the same mark (``...``, ``---``), so that a ruled line is no word of its own. Where no spaces part the
    words, each letter is a token, as in BERT's tokenizer for Chinese: a sentence would be one word.
    """
    marks = "".join(c for c in map(chr, range(0x300, 0x1E00)) if unicodedata.category(c)[0] == "M")
    letter = rf"[^\W\d_{UNSPACED}]"
    word = rf"{letter}+(?:[{marks}]+{letter}*)*"
    alone = rf"(?![\d_])[{UNSPACED}][{marks}]*"
    return re.compile(rf"{word}(?:['’]{word})*|\d{{1,3}}|{alone}|([^\w\s]|_)\1{{0,2}}")


@cache
def unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}{WIDE}]")


def tokens_of(text: str, level: Level = "word") -> list[str]:
    """Return the words of a text, lower-cased, or its characters as they are.

    Examples
    --------
    >>> tokens_of("Don't pay $1250.50, ever!!!")
    ["don't", 'pay', '$', '125', '0', '.', '50', ',', 'ever', '!!!']
    >>> tokens_of("Tokyo (東京)")
    ['tokyo', '(', '東', '京', ')']
    >>> tokens_of("Hi!", "char")
    ['H', 'i', '!']
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    return list(text) if level == "char" else [match.group() for match in words().finditer(text.lower())]


@dataclass(frozen=True)
class Vocabulary:
    """The words that a network knows, by their numbers.

    Attributes
    ----------
    words
        By id; the first two stand for padding and for unknown words.
    level
        ``word`` or ``char``: what a token is.
    """

    words: tuple[str, ...]
    level: Level = "word"

    pad = PAD
    unknown = UNKNOWN

    @classmethod
    def learned(
        cls, texts: Iterable[Iterable[str]], size: int | None = None, level: Level = "word"
    ) -> Vocabulary:
        """Return the most frequent tokens of tokenized texts, ties in the order of the alphabet.

        Parameters
        ----------
        texts
            The tokens of each text of the training split.
        size
            The most entries, the two special ones among them; None keeps every token.
        level
            What the tokens are.

        Examples
        --------
        >>> Vocabulary.learned([["b", "a", "b"]]).words
        ('<pad>', '<unknown>', 'b', 'a')
        """
        counts = Counter(token for text in texts for token in text)
        order = sorted(counts, key=lambda token: (-counts[token], token))
        return cls((*SPECIAL, *order[: None if size is None else max(0, size - len(SPECIAL))]), level)

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} {self.level}s)"

    @cached_property
    def ids(self) -> dict[str, int]:
        """The number of every word."""
        return {word: number for number, word in enumerate(self.words) if number >= len(SPECIAL)}

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text, known or not."""
        return tokens_of(text, self.level)

    def encode(self, text: str) -> list[int]:
        """Return the ids of the tokens of a text, without padding.

        Examples
        --------
        >>> Vocabulary(("<pad>", "<unknown>", "good")).encode("Good grief")
        [2, 1]
        """
        return [self.ids.get(token, UNKNOWN) for token in self.tokens(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """Return ids as text; padding is left out, and what no id stands for is ``<unknown>``.

        Examples
        --------
        >>> Vocabulary(("<pad>", "<unknown>", "good", ".")).decode([2, 1, 3, 0, 0])
        'good <unknown>.'
        """
        known = range(len(self.words))
        words = [self.words[i] if i in known else SPECIAL[UNKNOWN] for i in map(int, ids) if i > PAD]
        return "".join(words) if self.level == "char" else spaced(words)


def spaced(words: list[str]) -> str:
    """Return words with spaces: none before what closes, after what opens, or between Chinese letters."""
    parts, glued, close = list[str](), True, False
    for word in words:
        alone = unspaced().match(word) is not None
        parts.append(word if glued or word[0] in CLOSING or (close and alone) else f" {word}")
        glued, close = word in OPENING, alone
    return "".join(parts)
