"""The way from baseline to input along which gradients are taken, and what the network says on it.

Numbers go straight. Padding stays what it is: a step that is NaN is 0 on the way and NaN again where the
network sees it, so that its attribution is exactly 0. Tokens have nothing between them: the way leads from
the vector of the padding token to each token's own, behind the embedding that the network looks it up in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn

from nnarch_nb.core.answers import rows_of
from nnarch_nb.core.embedding import embedding_of
from nnarch_nb.core.probe import scores_of
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.explain.subject import NO_PADDING, OF_TOKENS, Subject, Tensors

Rows = Callable[[torch.Tensor], torch.Tensor]

ROWS = 256  # inputs in memory at once, over all samples and steps: no more, and fewer where they are large
NUMBERS = 4_000_000  # in those inputs together


@dataclass(frozen=True)
class Way:
    """Samples on their way.

    Attributes
    ----------
    scores
        Returns a row of scores per sample for ``(*inputs, *fixed)``.
    inputs, baselines
        The ends of the way, per sample.
    fixed
        What the network is given beside, the same all along.
    attribution
        Makes one tensor per input of what was attributed to ``inputs``.
    numbers
        In a sample with the network's answer to it: how many samples fit into memory follows from it.
    plain
        Returns the scores of any samples, as the network sees them.
    baseline
        In words what the samples are compared with, where only the network tells.
    """

    scores: Callable[..., torch.Tensor]
    inputs: Tensors
    baselines: Tensors
    fixed: Tensors
    attribution: Callable[[Tensors], Tensors]
    numbers: int
    plain: Callable[[torch.Tensor], torch.Tensor]
    baseline: str = ""

    @property
    def at_once(self) -> int:
        """How many inputs to hold in memory at once."""
        return max(1, min(ROWS, NUMBERS // max(1, self.numbers)))

    def of(self, which: torch.Tensor) -> Way:
        """Return the way of some of the samples."""
        inputs, baselines, fixed = (
            tuple(tensor[which] for tensor in part) for part in (self.inputs, self.baselines, self.fixed)
        )
        return replace(self, inputs=inputs, baselines=baselines, fixed=fixed)

    def say(self) -> torch.Tensor:
        """Return what the network says at the end of the way."""
        return self.scores(*self.inputs, *self.fixed)


def way_of(network: nn.Module, what: Subject, part: slice, device: torch.device) -> Way:
    """Return the way of some of the samples, on the network's device."""
    given = tuple(tensor[part].to(device) for tensor in what.inputs)
    goal = what.goals[part].to(device) if what.goals is not None else None
    if all(tensor.is_floating_point() for tensor in given):
        return of_numbers(network, what, given, goal)
    if len(given) == 1 and given[0].dim() == 2:
        return of_tokens(network, what, given[0], goal)
    raise NNArchError(
        "integers are explained where they are the only input, tokens of shape (n, steps): bind what else "
        "the network takes, or give an embedding's output"
    )


def of_numbers(network: nn.Module, what: Subject, given: Tensors, goal: torch.Tensor | None) -> Way:
    count, padded = len(given), any(bool(tensor.isnan().any()) for tensor in given)
    real = tuple(~tensor.isnan() for tensor in given) if padded else ()
    fixed = (*real, *(() if goal is None else (goal,)))

    def scores(*tensors: torch.Tensor) -> torch.Tensor:
        inputs, rest = tensors[:count], tensors[count:]
        if padded:
            inputs = tuple(torch.where(r, x, torch.nan) for x, r in zip(inputs, rest, strict=False))
        return said(network, what, inputs, tensors[-1] if goal is not None else None)

    def plain(x: torch.Tensor) -> torch.Tensor:
        return said(network, what, (x,))

    starts = [b.to(x).expand_as(x) for b, x in zip(what.baselines, given, strict=True)]
    ends = list(given)
    if padded:
        starts = [torch.where(r, b, 0.0) for b, r in zip(starts, real, strict=True)]
        ends = [torch.where(r, x, 0.0) for x, r in zip(ends, real, strict=True)]
    size = sum(tensor[0].numel() for tensor in given)
    return Way(scores, tuple(ends), tuple(starts), fixed, lambda maps: maps, size + what.answers, plain)


def of_tokens(network: nn.Module, what: Subject, tokens: torch.Tensor, goal: torch.Tensor | None) -> Way:
    ask = partial(said, network, what)
    with torch.no_grad():
        lookup = embedding_of(network, tokens, lambda: ask((tokens,), goal))
    pad = lookup.padding or 0
    ask = partial(ask, padding=0 if what.data else lookup.padding)

    def scores(vectors: torch.Tensor, words: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        with lookup.replaced(words, vectors):
            return ask((words,), rest[0] if rest else None)

    def plain(x: torch.Tensor) -> torch.Tensor:
        return ask((x,))

    def attribution(maps: Tensors) -> Tensors:
        each = maps[0].sum(2)
        return (torch.where(tokens.to(each.device) == pad, 0.0, each),)

    vectors, start = lookup.vectors(tokens), lookup.vectors(torch.full_like(tokens, pad))
    fixed = (tokens, *(() if goal is None else (goal,)))
    numbers = vectors[0].numel() + what.answers
    words = OF_TOKENS if what.data or lookup.padding is not None else NO_PADDING
    return Way(scores, (vectors,), (start,), fixed, attribution, numbers, plain, words)


def said(
    network: nn.Module,
    what: Subject,
    inputs: Tensors,
    goal: torch.Tensor | None = None,
    padding: int | None = 0,
) -> torch.Tensor:
    """Return a row of scores per sample."""

    def rows(answer: torch.Tensor) -> torch.Tensor:
        return rows_of(answer, inputs[0] if inputs else None, what.data, goal, padding)

    return asked(network, what, inputs, rows)


def asked(network: nn.Module, what: Subject, inputs: Tensors, rows: Rows) -> torch.Tensor:
    if what.names:
        return scores_of(network, (), dict(zip(what.names, inputs, strict=True)), rows)
    return scores_of(network, inputs, rows=rows)


@torch.no_grad()
def kind_answered(network: nn.Module, what: Subject, inputs: Tensors) -> str:
    """Return the kind of the data; of bare tensors what has an answer of its own, if not the sample."""
    seen = []

    def rows(answer: torch.Tensor) -> torch.Tensor:
        seen.append(answer.dim())
        return rows_of(answer, inputs[0], what.data)

    if what.data is not None:
        return what.kind
    asked(network, what, inputs, rows)
    return {3: "steps", 4: "pixels"}.get(seen[0], "")
