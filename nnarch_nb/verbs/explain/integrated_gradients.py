"""Integrated gradients by Captum, with more steps for the samples that need them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

ROWS = 256  # inputs in memory at once, over all samples and steps: no more, and fewer where they are large
NUMBERS = 4_000_000  # in those inputs together
TOLERANCE = 0.05
MOST_DOUBLINGS = 3

Tensors = tuple[torch.Tensor, ...]
Scores = Callable[..., torch.Tensor]


class Maps(NamedTuple):
    """The attributions of one batch.

    Attributes
    ----------
    attributions
        One tensor per input.
    completeness, steps
        Relative error and number of gradients, per sample.
    """

    attributions: Tensors
    completeness: torch.Tensor
    steps: torch.Tensor


def integrated_gradients(
    scores: Scores, inputs: Tensors, baselines: Tensors, targets: torch.Tensor, steps: int
) -> Maps:
    """Return the integrated gradients of ``scores(*inputs)[:, targets]``.

    Parameters
    ----------
    scores
        Returns a row of scores per sample.
    inputs, baselines
        Tensors whose first dimension is the sample; a baseline may have one sample for all.
    targets
        The output explained, per sample.
    steps
        Doubled for the samples whose completeness error stays above 5 %.
    """
    maps = measured(scores, inputs, baselines, targets, steps)
    for _ in range(MOST_DOUBLINGS):
        steps *= 2
        poor = (maps.completeness > TOLERANCE).nonzero()[:, 0]
        if not len(poor):
            break
        again = measured(scores, rows(inputs, poor), rows(baselines, poor), targets[poor], steps)
        for old, new in zip(maps.attributions, again.attributions, strict=True):
            old[poor] = new
        maps.completeness[poor] = again.completeness
        maps.steps[poor] = steps
    return maps


def measured(scores: Scores, inputs: Tensors, baselines: Tensors, targets: torch.Tensor, steps: int) -> Maps:
    from captum.attr import IntegratedGradients

    attributions = IntegratedGradients(scores).attribute(
        inputs,
        baselines=baselines,
        target=targets,
        n_steps=steps,
        method="gausslegendre",
        internal_batch_size=max(len(targets), rows_at_once(inputs)),
    )
    attributions = tuple(tensor.detach() for tensor in attributions)
    error = completeness(scores, inputs, baselines, targets, attributions)
    return Maps(attributions, error, torch.full_like(targets, steps))


@torch.no_grad()
def completeness(
    scores: Scores, inputs: Tensors, baselines: Tensors, targets: torch.Tensor, attributions: Tensors
) -> torch.Tensor:
    """Return how far each sample's attributions are from adding up, relative to what they should.

    That is the change of the score from baseline to input, or the precision of the score where it
    changes by less.
    """
    whole = tuple(b.expand_as(x) for b, x in zip(baselines, inputs, strict=True))
    found = [scores(*at).gather(1, targets[:, None]) for at in (inputs, whole)]
    there, origin = map(exact, found)
    total = torch.stack([exact(tensor) for tensor in attributions]).sum(0)
    least = torch.finfo(found[0].dtype).eps * torch.maximum(there.abs(), origin.abs())
    change = torch.maximum((there - origin).abs(), least)
    error = (total - (there - origin)).abs()
    return torch.where(error == 0, error, error / change)


def exact(tensor: torch.Tensor) -> torch.Tensor:
    """Return the sum over each sample in double precision, which not every accelerator has."""
    return tensor.cpu().double().reshape(len(tensor), -1).sum(1)


def rows_at_once(inputs: Tensors) -> int:
    return max(1, min(ROWS, NUMBERS // max(1, sum(tensor[0].numel() for tensor in inputs))))


def rows(tensors: Tensors, which: torch.Tensor) -> Tensors:
    return tuple(tensor if len(tensor) == 1 else tensor[which] for tensor in tensors)
