"""An argument with the default None is needed after all, as models of transformers have many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, found, who
from nnarch_nb.verbs.check.patches import Patch
from nnarch_nb.verbs.check.proposal import Proposal
from nnarch_nb.verbs.check.rules.calls import parameters_of

NONE = ("NoneType", "must specify", "have to specify", "must be specified", "cannot be None", "not None")
# Arguments that a network does without: masks, caches, what it is to return.
SPARED = re.compile(
    r"mask|position|past|label|output|return|use_|cache|token_type|loss|embeds|hidden_states|interpolate"
)
MOST_NAMED = 4


def left_out(case: Case, failure: Failure) -> Finding | None:
    """Find the arguments that were not given and are None by default, where None is what fails."""
    if not any(words in failure.message for words in NONE):
        return None
    names = not_given(case)
    if not names:
        return None
    are = "which is" if len(names) == 1 else "which are"
    kind = type(case.model).__name__
    reason = (
        f"{kind} is called without {' and '.join(names)}, {are} None by default; {who(failure)} then fails"
    )
    return found(failure, reason, "left out", detail=names)


def not_given(case: Case) -> list[str]:
    """Return the likeliest of the arguments that were left to None; empty where too many are likely."""
    known = parameters_of(case.model)
    first = list(known)[: len(case.call.args)]
    open_ = [
        name
        for name, parameter in known.items()
        if parameter.default is None and name not in case.call.kwargs and name not in first
    ]
    likely = [name for name in open_ if not SPARED.search(name)] or open_
    return likely if len(likely) <= MOST_NAMED else []


def give_more(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the arguments that were left out: decoder ids as the ids, pictures of the size of the model."""
    if finding.cause != "left out":
        return
    for name in finding.detail:
        ids = case.call.kwargs.get("input_ids", next(iter(case.call.args), None))
        if name == "decoder_input_ids" and isinstance(ids, Tensor) and not ids.is_floating_point():
            yield Proposal(f"give {name} too; tried with those of input_ids", giving(name, ids))
        shape = picture_of(case.model)
        if name == "pixel_values" and shape is not None:
            text = f"give {name} too, such as torch.zeros{shape}"
            yield Proposal(text, giving(name, torch.zeros(shape)))


def picture_of(model: nn.Module) -> tuple[int, int, int, int] | None:
    """Return the shape of one picture that a model's configuration tells of."""
    config = getattr(model, "config", None)
    inner = getattr(config, "vision_config", config)
    side, channels = getattr(inner, "image_size", None), getattr(inner, "num_channels", 3)
    return (1, channels, side, side) if isinstance(side, int) and isinstance(channels, int) else None


def giving(name: str, value: Any) -> Patch:
    """Return a patch that gives one argument more."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        yield replace(call, kwargs={**call.kwargs, name: value})

    return patch
