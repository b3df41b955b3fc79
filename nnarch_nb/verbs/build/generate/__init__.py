"""``generate``: a network that tells the next token is asked again and again, its answer put at the end.

Earlier steps are computed once (``stepping``) where the network allows it; the tokens are those that running
the whole sequence anew for each of them would give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.device import device_of
from nnarch_nb.core.network import name_of
from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.core.probe import logits_in
from nnarch_nb.core.rng import generator, seeded
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.generate.prompts import longest, padding_of, prompts_of, refuse_prompt
from nnarch_nb.verbs.build.generate.stepping import Stepper, can_step

MOST_TOKENS = 1_000_000
Choose = Callable[[torch.Tensor], torch.Tensor]


def generate(
    model: nn.Module,
    tokens: Any,
    n: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> Any:
    """Continue a sequence of tokens, or a text, by ``n`` tokens.

    Parameters
    ----------
    model
        A network that gives scores for the next token after each step: ``(n, steps) -> (n, steps,
        vocabulary)``. It is run in evaluation mode and left as it was.
    tokens
        The prompt: a list of ids, a tensor of ids ``(steps,)`` or ``(n, steps)``, a list of such prompts of
        any lengths; a text or a list of texts where the network knows a vocabulary (``model.vocabulary``).
    n
        How many tokens to add to each prompt.
    temperature
        Scores are divided by it before one is drawn; 0 always takes the likeliest.
    top_k
        Draw only among that many likeliest; None among all.
    seed
        Of the draws; the session's generators stay as they were.

    Returns
    -------
    torch.Tensor, list or str
        Prompt and continuation in the form of the prompt: int64 ``(steps + n,)`` or ``(n, steps + n)``, a
        list of tensors for a list of prompts, text for text. Padding is never drawn.

    Raises
    ------
    NNArchError
        The prompt is empty, longer than the network has positions for, or holds what is no token; the
        network does not answer for each step.

    Notes
    -----
    A network with learned positions for ``max_len`` steps sees the last ``max_len`` tokens once there are
    more.

    Examples
    --------
    >>> import nnarch_nb
    >>> model = nnarch_nb.build("gru", (16,), vocab_size=50)
    >>> generate(model, [3, 4, 5], 4, seed=1).shape
    torch.Size([7])
    """
    n = require_whole("n", n, 1, MOST_TOKENS)
    choose = chooser(
        require_number("temperature", temperature, 0),
        None if top_k is None else require_whole("top_k", top_k, 1),
        generator(seed),
    )
    prompts, restore = prompts_of(model, tokens)
    for prompt in prompts:
        refuse_prompt(model, prompt)
    with untouched(model), seeded(seed), torch.no_grad():
        model.eval()
        return restore(continued(model, prompts, n, choose))


def chooser(temperature: float, top_k: int | None, draws: torch.Generator) -> Choose:
    """Return what takes scores ``(n, vocabulary)`` to one token for each row."""

    def choose(scores: torch.Tensor) -> torch.Tensor:
        if temperature == 0 or top_k == 1:
            return scores.argmax(-1)
        if top_k is not None and top_k < scores.shape[-1]:
            least = scores.topk(top_k).values[:, -1:]
            scores = scores.masked_fill(scores < least, -torch.inf)
        return torch.multinomial((scores / temperature).softmax(-1), 1, generator=draws)[:, 0]

    return choose


def continued(model: nn.Module, prompts: list[torch.Tensor], n: int, choose: Choose) -> list[torch.Tensor]:
    """Return the prompts with their continuations; those of one length run together."""
    rows: dict[int, torch.Tensor] = {}
    for length in sorted({len(prompt) for prompt in prompts}):
        alike = [i for i, prompt in enumerate(prompts) if len(prompt) == length]
        batch = extended(model, torch.stack([prompts[i] for i in alike]), n, choose)
        rows.update(zip(alike, batch, strict=True))
    return [rows[i] for i in range(len(prompts))]


def extended(model: nn.Module, tokens: torch.Tensor, n: int, choose: Choose) -> torch.Tensor:
    """Return a batch of prompts with ``n`` tokens more."""
    most, padding = longest(model), padding_of(model)
    steps = Stepper(model) if can_step(model) else None
    for _ in range(n):
        if steps is not None and most is not None and tokens.shape[1] > most:
            steps = None  # every step has another position now
        seen = tokens[:, steps.past :] if steps else tokens[:, -(most or 0) :]
        scores = last_scores(model, steps or model, seen.to(device_of(model)))
        if padding is not None:
            scores[:, padding] = -torch.inf
        tokens = torch.cat([tokens, choose(scores)[:, None]], dim=1)
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
