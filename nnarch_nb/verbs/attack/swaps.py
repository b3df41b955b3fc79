"""Attacks on text: a few tokens are swapped for others, the best swap first.

Between two words there is nothing to step through, but the gradient behind the embedding tells to first
order what each swap would gain. The most promising ones are tried, and only a run of the network decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nnarch_nb.core.rng import generator
from nnarch_nb.verbs.attack.victim import Batch, Found, Victim

TRIES = 16  # swaps per round that the network is asked about
WORDS = 2  # of them at the same place at most
NUMBERS = 2**24  # gains in memory at once: one for every place and word

Propose = Callable[[Victim, "Standing"], tuple[Tensor, Tensor]]


@dataclass
class Standing:
    """Samples that still stand: their tokens now, and the places that may be changed."""

    tokens: Tensor
    y: Tensor
    open: Tensor


def hotflip(victim: Victim, batch: Batch, steps: int) -> Found:
    """Swap the tokens whose first-order gain is largest; as many rounds as eps allows, whatever ``steps``."""
    return greedy(victim, batch, by_gradient)


def random_swap(victim: Victim, batch: Batch, steps: int) -> Found:
    """Try as many swaps a round as ``hotflip``, drawn blindly: what gradients add shows beside it."""
    return greedy(victim, batch, by_chance)


def greedy(victim: Victim, batch: Batch, propose: Propose) -> Found:
    """Adopt the best of the proposed swaps while it helps, until the network is fooled or eps is used up."""
    tokens, most = batch.start.clone(), int(batch.radius)
    margins, fooled = victim.standing(tokens, batch.labels)
    stuck = torch.zeros_like(fooled)
    for _ in range(most):
        changed = tokens != batch.originals
        left = (~fooled & ~stuck & (changed.sum(1) < most)).nonzero()[:, 0]
        if not len(left) or victim.task.stopping:
            break
        free = victim.changeable(batch.originals[left]) & ~changed[left]
        here = Standing(tokens[left], batch.labels[left], free)
        places, words = propose(victim, here)
        tried = swapped(here, places, words)
        found, fell = asked(victim, tried, here.y)
        # Where few places or words are left, some of what was proposed may not be done.
        found = found.where(free.gather(1, places) & victim.allowed[words], -torch.inf)
        best = found.argmax(1, keepdim=True)
        gain = found.gather(1, best)[:, 0]
        better = gain > margins[left]
        tokens[left[better]] = tried[better, best[better, 0]]
        margins[left[better]] = gain[better]
        fooled[left] = fell.gather(1, best)[:, 0] & better
        stuck[left] = ~better
    return Found(tokens, fooled)


def swapped(here: Standing, places: Tensor, words: Tensor) -> Tensor:
    """Return the samples ``(n, tries, steps)``, each with one token swapped."""
    tried = here.tokens[:, None].repeat(1, places.shape[1], 1)
    return tried.scatter(2, places[:, :, None], words[:, :, None])


def asked(victim: Victim, tried: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return margins and whether the network is fooled, by sample and try."""
    n, tries, _ = tried.shape
    parts = zip(tried.flatten(0, 1).split(256), y.repeat_interleave(tries, 0).split(256), strict=True)
    found = [victim.standing(part, truth) for part, truth in parts]
    margins, fooled = (torch.cat(each).view(n, tries) for each in zip(*found, strict=True))
    return margins, fooled


def by_gradient(victim: Victim, here: Standing) -> tuple[Tensor, Tensor]:
    """Return the places and words of the swaps that gain most to first order.

    J. Ebrahimi, A. Rao, D. Lowd, D. Dou, "HotFlip: White-Box Adversarial Examples for Text Classification",
    ACL 2018, section 3: the gain of swapping a for b at place i is (e_b − e_a)·∂loss/∂e_i.
    """
    slope, vectors = victim.slope_of_tokens(here.tokens, here.y)
    rows = max(1, NUMBERS // (slope.shape[1] * len(victim.table)))
    parts = zip(slope.split(rows), vectors.split(rows), here.open.split(rows), strict=True)
    found = [best_of(victim, *part, here.tokens.shape[1]) for part in parts]
    places, words = (torch.cat(each) for each in zip(*found, strict=True))
    return places, words


def best_of(
    victim: Victim, slope: Tensor, vectors: Tensor, free: Tensor, steps: int
) -> tuple[Tensor, Tensor]:
    gains = slope @ victim.table.T.to(slope) - (slope * vectors).sum(2, keepdim=True)
    gains = gains.masked_fill(~victim.allowed, -torch.inf).masked_fill(~free[:, :, None], -torch.inf)
    words = min(WORDS, gains.shape[2])
    top = gains.topk(words, 2)
    order = top.values.flatten(1).topk(min(TRIES, steps * words), 1).indices
    return order // words, top.indices.flatten(1).gather(1, order)


def by_chance(victim: Victim, here: Standing) -> tuple[Tensor, Tensor]:
    """Return swaps drawn for each sample by itself, so that no split into batches changes them."""
    known = victim.allowed.nonzero()[:, 0].cpu()
    places, words = [], []
    for tokens, free in zip(here.tokens.cpu(), here.open.cpu(), strict=True):
        draw = generator(victim.seed + int((tokens * torch.arange(1, len(tokens) + 1)).sum()))
        where = free.nonzero()[:, 0] if free.any() else torch.zeros(1, dtype=torch.long)
        places.append(where[torch.randint(len(where), (TRIES,), generator=draw)])
        words.append(known[torch.randint(len(known), (TRIES,), generator=draw)])
    return torch.stack(places).to(here.tokens), torch.stack(words).to(here.tokens)
