"""The prompts of ``generate``: ids or text, one or several, told apart and checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.device import device_of
from nnarch_nb.core.network import name_of
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.modules.tokens import Positions

IDS = re.compile(r"\s*[\[(]?\s*\d{1,18}(\s*,\s*\d{1,18})*\s*,?\s*[\])]?\s*")  # as they stand on a line
EMPTY = "a prompt is empty; give at least one token"


def prompts_of(model: nn.Module, tokens: Any) -> tuple[list[torch.Tensor], Callable[..., Any]]:
    """Return the prompts one by one, and what makes of their continuations the form they came in."""
    if isinstance(tokens, str) and vocabulary_in(model) is None and IDS.fullmatch(tokens):
        return prompts_of(model, [int(number) for number in re.findall(r"\d+", tokens)])
    if isinstance(tokens, str):
        prompts, _ = prompts_of(model, [tokens])
        return prompts, lambda rows: decoded(model, rows)[0]
    several = isinstance(tokens, (list, tuple)) and len(tokens) > 0
    if several and all(isinstance(text, str) for text in tokens):
        encode = vocabulary_of(model).encode
        return [ids_of(encode(text)) for text in tokens], lambda rows: decoded(model, rows)
    if several and not all(is_number(item) for item in tokens):
        return [ids_of(item) for item in tokens], lambda rows: rows
    ids = ids_of(tokens, dimensions=(1, 2))
    if not len(ids):
        raise NNArchError(EMPTY)
    return list(torch.atleast_2d(ids)), torch.stack if ids.dim() == 2 else lambda rows: rows[0]


def is_number(item: Any) -> bool:
    return getattr(item, "ndim", 0) == 0 and not isinstance(item, (list, tuple, str))


def ids_of(prompt: Any, dimensions: tuple[int, ...] = (1,)) -> torch.Tensor:
    """Return a prompt as int64 on the CPU."""
    try:
        ids = torch.as_tensor(prompt).cpu()
    except (TypeError, ValueError, RuntimeError):
        ids = torch.empty(0, 0, 0)
    if ids.dim() not in dimensions or (ids.numel() and (ids.is_floating_point() or ids.dtype == torch.bool)):
        raise NNArchError(f"a prompt is a list of token ids, or a text, not {shorten(repr(prompt))}")
    return ids.long()


def vocabulary_of(model: nn.Module) -> Vocabulary:
    """Return the vocabulary that the network was built for."""
    found = vocabulary_in(model)
    if found is None:
        raise NNArchError(
            f"{name_of(model)} knows no vocabulary to read text with; give token ids such as 3,4,5"
        )
    return found


def vocabulary_in(model: nn.Module) -> Vocabulary | None:
    """Return the vocabulary of the data that a network was built for; None where it knows none."""
    found = getattr(model, "vocabulary", None)
    return found if isinstance(found, Vocabulary) else None


def decoded(model: nn.Module, rows: Sequence[torch.Tensor]) -> list[str]:
    return [vocabulary_of(model).decode(row.tolist()) for row in rows]


def refuse_prompt(model: nn.Module, prompt: torch.Tensor) -> None:
    """Raise an error if the network cannot begin with this prompt."""
    name, most = name_of(model), longest(model)
    if device_of(model).type == "meta":
        raise NNArchError(f"{name} is on the meta device, which holds no values; move it to the CPU")
    if not len(prompt):
        raise NNArchError(EMPTY)
    if most is not None and len(prompt) > most:
        raise NNArchError(
            f"the prompt has {len(prompt):,} tokens but {name} has positions for {most:,}; "
            f"give its last {most:,}"
        )
    reader = next((module for module in model.modules() if isinstance(module, nn.Embedding)), None)
    if reader is not None and not 0 <= int(prompt.min()) <= int(prompt.max()) < reader.num_embeddings:
        raise NNArchError(
            f"{name} knows tokens from 0 to {reader.num_embeddings - 1:,}; the prompt has others"
        )
    if padding_of(model) in prompt.tolist():
        raise NNArchError(f"the prompt holds token {padding_of(model)}, which is padding; leave it out")


def longest(model: nn.Module) -> int | None:
    """Return the most steps that the network has positions for; None where it has no limit of ours."""
    return min((m.max_len for m in model.modules() if isinstance(m, Positions)), default=None)


def padding_of(model: nn.Module) -> int | None:
    """Return the token that is no step to the network."""
    readers = (module for module in model.modules() if isinstance(module, nn.Embedding))
    return next(
        (m.padding_idx for m in readers if m.padding_idx is not None),
        getattr(vocabulary_in(model), "pad", None),
    )
