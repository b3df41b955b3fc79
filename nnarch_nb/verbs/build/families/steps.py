"""What the families of sequences share: how steps come in, and how an answer goes out."""

from __future__ import annotations

from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.build.families.wanted import Wanted
from nnarch_nb.verbs.build.families.words import dropped, joined

# Of the features of each step alone; batch statistics would mix in the padding of other samples.
NORMS = {"layer": "LayerNorm()", "rms": "RMSNorm()"}


def step_norm(word: str) -> str:
    """Return the normalization of each step by its own features.

    Examples
    --------
    >>> step_norm("rms")
    'RMSNorm()'
    """
    return pick(word, NORMS, "norm for steps")


def embedding(family: str, wanted: Wanted, width: int, padding: bool = True) -> str:
    """Return the layer that reads tokens; with ``padding``, token 0 is no step."""
    if not wanted.vocab_size:
        raise NNArchError(
            f"{family} needs vocab_size=, how many tokens there are, such as 10000; or give the data as input"
        )
    return f"Embedding({wanted.vocab_size}, {width}{', padding_idx=0' if padding else ''})"


def masking(wanted: Wanted) -> str:
    return "Masking()" if wanted.padded else ""


def head(wanted: Wanted, pooling: str, dropout: float) -> str:
    """Return how the answer is made: of all steps together, or for each step the next token."""
    pooled = "" if wanted.kind == "next-token" else pooling
    return "\n".join(filter(None, [pooled, joined(dropped(dropout), f"Linear({wanted.outputs})")]))


def longest(family: str, wanted: Wanted) -> int:
    """Return for how many steps there must be positions."""
    steps = wanted.shape[0]
    if wanted.max_len is not None and wanted.max_len < steps:
        raise NNArchError(
            f"{family} gets {steps} steps but max_len={wanted.max_len}; give at least max_len={steps}"
        )
    return wanted.max_len or steps


def refuse_uneven(width: int, heads: int) -> None:
    """Raise an error that proposes what fits, if the heads cannot share the features evenly."""
    if width % heads:
        fitting = max(n for n in range(1, min(heads, width) + 1) if width % n == 0)
        raise NNArchError(
            f"width={width} cannot be shared evenly by heads={heads}; "
            f"use heads={fitting} or width={heads * round(width / heads + 0.5)}"
        )
