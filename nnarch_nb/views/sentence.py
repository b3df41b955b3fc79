"""Notes become sentences: one place, so that every trust line reads alike."""

from __future__ import annotations


def sentence(note: str) -> str:
    """Return the note with a capital and an end; a symbol such as ε stays as it is.

    Examples
    --------
    >>> sentence("stopped early"), sentence("ε = 0.1: did you mean 8?")
    ('Stopped early.', 'ε = 0.1: did you mean 8?')
    """
    first = note[:1].upper() if note[:1].isascii() else note[:1]
    return f"{first}{note[1:]}{'' if note.endswith(('.', '?', '!')) else '.'}"
