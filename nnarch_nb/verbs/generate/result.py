"""What a network added to prompts, and how its tokens were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.result import Result

if TYPE_CHECKING:
    import torch

    from nnarch_nb.core.vocabulary import Vocabulary


@dataclass(frozen=True, repr=False, eq=False)
class Generated(Result):
    """Prompts and what a network continued them by.

    Attributes
    ----------
    network
        Its name.
    tokens
        Of each prompt, int64 ``(steps + n,)``, what was added at its end.
    lengths
        How many of the tokens are the prompt's own.
    n
        How many tokens were asked for each; fewer were added where it was interrupted.
    continued
        The tokens in the form of the prompt: a tensor, a list of tensors, a text or a list of texts.
    vocabulary
        What the tokens stand for, where the network knows.
    temperature, top_k, seed
        How they were drawn.
    cached
        Whether earlier steps were computed once.
    positions
        The most steps that the network sees; None where it has no limit.
    """

    network: str
    tokens: tuple[torch.Tensor, ...]
    lengths: tuple[int, ...]
    n: int
    continued: Any
    vocabulary: Vocabulary | None
    temperature: float
    top_k: int | None
    seed: int
    cached: bool
    positions: int | None

    @property
    def added(self) -> tuple[int, ...]:
        """How many tokens each prompt was continued by."""
        return tuple(len(row) - length for row, length in zip(self.tokens, self.lengths, strict=True))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The continued prompts as text; empty where the network knows no vocabulary."""
        if self.vocabulary is None:
            return ()
        return tuple(self.vocabulary.decode(row.tolist()) for row in self.tokens)

    def __repr__(self) -> str:
        prompts = "1 prompt" if len(self.tokens) == 1 else f"{len(self.tokens):,} prompts"
        return f"Generated({self.network}: {prompts}, {sum(self.added):,} tokens added)"
