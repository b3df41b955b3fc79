"""A network that tells the next token is asked again and again, its answer put at the end.

Earlier steps are computed once (``stepping``) where the network allows it; the tokens are those that running
the whole sequence anew for each of them would give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.core import events
from nnarch_nb.core.device import device_of
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.core.probe import logits_in
from nnarch_nb.core.rng import generator, seeded
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.generate.prompts import longest, padding_of, prompts_of, refuse_prompt, vocabulary_in
from nnarch_nb.verbs.generate.result import Generated
from nnarch_nb.verbs.generate.stepping import Stepper, can_step

MOST_TOKENS = 1_000_000
Choose = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Draws:
    """How tokens are drawn, as ``generate`` was asked."""

    temperature: float = 1.0
    top_k: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        require_number("temperature", self.temperature, 0)
        if self.top_k is not None:
            require_whole("top_k", self.top_k, 1)
        require_whole("seed", self.seed, 0)


def generated(model: Any, prompt: Any, n: Any, draws: Draws, told: bool = True) -> Generated:
    """Return the prompts with ``n`` tokens more, or as many as there was time for when stopped.

    Parameters
    ----------
    model, prompt, n
        As ``generate`` takes them.
    draws
        How tokens are drawn.
    told
        Whether a listener hears of it: who gets the continued prompt alone is shown no result.
    """
    n = require_whole("n", n, 1, MOST_TOKENS)
    network = as_network(model)
    prompts, restore = prompts_of(network, prompt)
    for one in prompts:
        refuse_prompt(network, one)
    total = n * len({len(one) for one in prompts})
    with (
        untouched(network),
        seeded(draws.seed),
        torch.no_grad(),
        events.task("generate", name_of(network), total, "token", heard=told) as task,
    ):
        network.eval()
        rows = continued(network, prompts, n, chooser(draws), task)
        result = Generated(
            network=name_of(network),
            tokens=tuple(rows),
            lengths=tuple(map(len, prompts)),
            n=n,
            continued=restore(rows),
            vocabulary=vocabulary_in(network),
            temperature=draws.temperature,
            top_k=draws.top_k,
            seed=draws.seed,
            cached=can_step(network),
            positions=longest(network),
        )
        task.finish(result)
    return result


def chooser(draws: Draws) -> Choose:
    """Return what takes scores ``(n, vocabulary)`` to one token for each row."""
    random = generator(draws.seed)

    def choose(scores: torch.Tensor) -> torch.Tensor:
        if draws.temperature == 0 or draws.top_k == 1:
            return scores.argmax(-1)
        if draws.top_k is not None and draws.top_k < scores.shape[-1]:
            least = scores.topk(draws.top_k).values[:, -1:]
            scores = scores.masked_fill(scores < least, -torch.inf)
        # The largest is 0 first: divided by next to nothing it stays 0, the others become minus infinity.
        scores = (scores - scores.amax(-1, keepdim=True)) / draws.temperature
        return torch.multinomial(scores.softmax(-1), 1, generator=random)[:, 0]

    return choose


def continued(
    model: nn.Module, prompts: list[torch.Tensor], n: int, choose: Choose, task: events.Task
) -> list[torch.Tensor]:
    """Return the prompts with their continuations; those of one length run together."""
    rows: dict[int, torch.Tensor] = {}
    for length in sorted({len(prompt) for prompt in prompts}):
        alike = [i for i, prompt in enumerate(prompts) if len(prompt) == length]
        batch = extended(model, torch.stack([prompts[i] for i in alike]), n, choose, task)
        rows.update(zip(alike, batch, strict=True))
    return [rows[i] for i in range(len(prompts))]


def extended(
    model: nn.Module, tokens: torch.Tensor, n: int, choose: Choose, task: events.Task
) -> torch.Tensor:
    """Return a batch of prompts with ``n`` tokens more."""
    most, padding = longest(model), padding_of(model)
    steps = Stepper(model) if can_step(model) else None
    for _ in range(n):
        if task.stopping:
            break
        if steps is not None and most is not None and tokens.shape[1] > most:
            steps = None  # every step has another position now
        seen = tokens[:, steps.past :] if steps else tokens[:, -(most or 0) :]
        scores = last_scores(model, steps or model, seen.to(device_of(model)))
        if padding is not None:
            scores[:, padding] = -torch.inf
        tokens = torch.cat([tokens, choose(scores)[:, None]], dim=1)
        task.advance(task.done + 1)
    return tokens


def last_scores(model: nn.Module, run: Callable[[torch.Tensor], Any], tokens: torch.Tensor) -> torch.Tensor:
    """Return the scores after the last step, in double on the CPU, where the draws are made."""
    try:
        scores = logits_in(run(tokens))
    except Exception as error:  # a user's forward may raise anything
        raise NNArchError(
            f"{name_of(model)} cannot run on {tuple(tokens.shape)} tokens: {shorten(error, 120)}"
        ) from error
    if not isinstance(scores, torch.Tensor) or scores.dim() != 3 or scores.shape[:2] != tokens.shape:
        got = tuple(scores.shape) if isinstance(scores, torch.Tensor) else type(scores).__name__
        raise NNArchError(
            f"{name_of(model)} returns {got} for {tuple(tokens.shape)} tokens; generate needs scores for the "
            f"next token after each step: (n, steps, vocabulary)"
        )
    last = scores[:, -1].double().cpu()
    if not (last < torch.inf).all():  # NaN is not less; minus infinity rules a token out
        raise NNArchError(f"{name_of(model)} returns NaN or infinity: look for it in its weights")
    return last
