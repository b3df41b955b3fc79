"""What the network says of the samples, and which of its outputs is explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from nnarch_nb.core.probe import (
    EVIDENCE,
    are_probabilities,
    as_two_classes,
    input_gradients,
    log_probabilities,
)
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.explain.subject import Subject
from nnarch_nb.verbs.explain.ways import Way, kind_answered

CHUNK = 8  # samples between two looks at the stop flag

Ways = Callable[[slice], Way]  # the way of some of the samples


@dataclass(frozen=True)
class Answer:
    """What the network says about the samples.

    Attributes
    ----------
    output, target
        The output explained, and what it stands for: itself, or the second of two classes.
    kind
        Of the data; of bare tensors ``steps`` or ``pixels`` where the network answers for each of them.
    baseline
        In words what the samples are compared with.
    """

    output: torch.Tensor
    target: torch.Tensor
    prediction: torch.Tensor
    confidence: torch.Tensor | None
    unit: str
    kind: str = ""
    baseline: str = ""


def answered(ways: Ways, what: Subject, target: int | None, network: nn.Module) -> Answer:
    one = ways(slice(1))
    at = tuple(tensor.detach().clone().requires_grad_() for tensor in one.inputs)
    input_gradients(network, one.scores(*at, *one.fixed), at)
    found = of_rows(ways, what, said(ways, len(what)), target)
    first = tuple(tensor[:1].to(at[0].device) for tensor in what.inputs)
    kind = kind_answered(network, what, first)
    return replace(found, kind=kind, baseline=one.baseline or what.baseline)


def of_rows(ways: Ways, what: Subject, rows: torch.Tensor, target: int | None) -> Answer:
    """Return what rows of scores say, and which of them is explained."""
    if target is not None and target >= rows.shape[1]:
        raise NNArchError(f"target {target} is not an output: they go from 0 to {rows.shape[1] - 1}")
    asked = torch.full((len(rows),), target or 0)
    if what.kind == "multi-label":
        return of_labels(rows, rows.argmax(1) if target is None else asked)
    if rows.shape[1] == 1 and what.classes == 2:
        seen = torch.cat([rows, elsewhere(ways, what)])
        return of_classes(as_two_classes(rows, are_probabilities(seen)), asked, asked + 1)
    if rows.shape[1] == 1 or what.classes == 0:
        return Answer(asked, asked, rows.gather(1, asked[:, None])[:, 0], None, "output")
    goal = rows.argmax(1) if target is None else asked
    return of_classes(rows, goal, goal)


@torch.no_grad()
def said(ways: Ways, n: int) -> torch.Tensor:
    """Return what the network says of all samples, without gradients."""
    parts = (slice(start, start + CHUNK) for start in range(0, n, CHUNK))
    return torch.cat([ways(part).say().cpu().float() for part in parts])


@torch.no_grad()
def elsewhere(ways: Ways, what: Subject) -> torch.Tensor:
    """Return what the network says of more samples of their split."""
    way = ways(slice(1))
    others = what.others(EVIDENCE)[0].to(way.inputs[0].device)
    return torch.cat([way.plain(part).cpu().float() for part in others.split(CHUNK)])


def of_labels(rows: torch.Tensor, goal: torch.Tensor) -> Answer:
    """Return one label per sample: the likeliest, or the one asked about, and how likely it is."""
    chances = rows.sigmoid().gather(1, goal[:, None])[:, 0]
    return Answer(goal, goal, goal, chances, "logit")


def of_classes(rows: torch.Tensor, output: torch.Tensor, target: torch.Tensor) -> Answer:
    chances = log_probabilities(rows).exp()
    unit = "probability" if torch.allclose(chances, rows, atol=1e-4) else "logit"
    return Answer(output, target, rows.argmax(1), chances.amax(1), unit)
