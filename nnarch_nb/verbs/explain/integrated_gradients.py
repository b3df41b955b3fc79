"""Integrated gradients by Captum, with more steps for the samples that need them."""

from __future__ import annotations

from typing import NamedTuple

import torch

from nnarch_nb.verbs.explain.ways import Way

TOLERANCE = 0.05
MOST_DOUBLINGS = 3

Tensors = tuple[torch.Tensor, ...]


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


def integrated_gradients(way: Way, targets: torch.Tensor, steps: int) -> Maps:
    """Return the integrated gradients of ``way.scores(…)[:, targets]``.

    Parameters
    ----------
    way
        From baseline to input, per sample.
    targets
        The output explained, per sample.
    steps
        Doubled for the samples whose completeness error stays above 5 %.
    """
    maps = measured(way, targets, steps)
    for _ in range(MOST_DOUBLINGS):
        steps *= 2
        poor = (maps.completeness > TOLERANCE).nonzero()[:, 0]
        if not len(poor):
            break
        again = measured(way.of(poor), targets[poor], steps)
        for old, new in zip(maps.attributions, again.attributions, strict=True):
            old[poor] = new
        maps.completeness[poor] = again.completeness
        maps.steps[poor] = steps
    return maps


def measured(way: Way, targets: torch.Tensor, steps: int) -> Maps:
    from captum.attr import IntegratedGradients

    attributions = IntegratedGradients(way.scores).attribute(
        way.inputs,
        baselines=way.baselines,
        target=targets,
        additional_forward_args=way.fixed or None,
        n_steps=steps,
        method="gausslegendre",
        internal_batch_size=max(len(targets), way.at_once),
    )
    attributions = tuple(tensor.detach() for tensor in attributions)
    return Maps(attributions, completeness(way, targets, attributions), torch.full_like(targets, steps))


@torch.no_grad()
def completeness(way: Way, targets: torch.Tensor, attributions: Tensors) -> torch.Tensor:
    """Return how far each sample's attributions are from adding up, relative to what they should.

    That is the change of the score from baseline to input, or the precision of the score where it
    changes by less.
    """
    found = [way.scores(*at, *way.fixed).gather(1, targets[:, None]) for at in (way.inputs, way.baselines)]
    there, origin = map(exact, found)
    total = torch.stack([exact(tensor) for tensor in attributions]).sum(0)
    least = torch.finfo(found[0].dtype).eps * torch.maximum(there.abs(), origin.abs())
    change = torch.maximum((there - origin).abs(), least)
    error = (total - (there - origin)).abs()
    return torch.where(error == 0, error, error / change)


def exact(tensor: torch.Tensor) -> torch.Tensor:
    """Return the sum over each sample in double precision, which not every accelerator has."""
    return tensor.cpu().double().reshape(len(tensor), -1).sum(1)
