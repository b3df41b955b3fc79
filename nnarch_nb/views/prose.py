"""Long sentences broken between words, so that a terminal or an export need not break them within."""

from __future__ import annotations

from textwrap import fill

from nnarch_nb.views.blocks import WIDTH


def folded(sentences: str) -> str:
    """Return sentences in lines that a terminal shows unbroken; a word stays whole.

    Examples
    --------
    >>> print(folded("An answer is as good as the question that it was given to, and no better than that."))
    An answer is as good as the question that it was given to, and no better than
    that.
    """
    return fill(sentences, WIDTH, break_long_words=False, break_on_hyphens=False)
