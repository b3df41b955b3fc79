"""The work of ``explain``: predictions, then attributions a few samples at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

import torch
from torch import nn

from nnarch_nb.core import events
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.core.probe import (
    EVIDENCE,
    are_probabilities,
    as_two_classes,
    going_backward,
    input_gradients,
    log_probabilities,
    probing,
    reading,
    scores_of,
)
from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.explain import Explanation
from nnarch_nb.verbs.explain.integrated_gradients import TOLERANCE, Maps
from nnarch_nb.verbs.explain.methods import METHODS
from nnarch_nb.verbs.explain.subject import Subject, Tensors, subject

CHUNK = 8  # samples between two looks at the stop flag
MOST_STEPS = 4096  # Gauss–Legendre nodes come from the eigenvalues of a matrix of this size


@dataclass(frozen=True)
class Options:
    """The options of ``explain``, as its docstring describes them."""

    method: str
    target: int | None
    n: int
    baseline: float | None
    steps: int
    seed: int
    device: str

    def __post_init__(self) -> None:
        pick(str(self.method), METHODS, "method")
        for name, least in {"n": 1, "seed": 0}.items():
            require_whole(name, getattr(self, name), least)
        require_whole("steps", self.steps, 1, MOST_STEPS)
        if self.target is not None:
            require_whole("target", self.target, 0)
        if self.baseline is not None:
            require_number("baseline", self.baseline)


@dataclass(frozen=True)
class Answer:
    """What the network says about the samples.

    Attributes
    ----------
    output, target
        The output explained, and what it stands for: itself, or the second of two classes.
    """

    output: torch.Tensor
    target: torch.Tensor
    prediction: torch.Tensor
    confidence: torch.Tensor | None
    unit: str


@torch.inference_mode(False)  # tensors made in inference mode could never have a gradient
def explanation(model: Any, inputs: Any, options: Options) -> Explanation:
    """Return the explanation of ``inputs``, or of those samples that were finished when stopped."""
    network = as_network(model)
    what = subject(inputs, options.n, options.baseline, options.seed, network)
    with (
        probing(network, options.device, options.seed) as device,
        events.task("explain", name_of(network), len(what), "sample") as task,
    ):
        scores = asked(network, what)
        answer = answered(scores, what, device, options.target, network)
        maps = attributed(network, scores, what, answer.output, device, options, task)
        result = explained(name_of(network), what, answer, maps, options)
        task.finish(result)
    return result


def asked(network: nn.Module, what: Subject) -> Callable[..., torch.Tensor]:
    """Return the network as a function of its input tensors alone."""

    def scores(*tensors: torch.Tensor) -> torch.Tensor:
        if what.names:
            return scores_of(network, (), dict(zip(what.names, tensors, strict=True)))
        return scores_of(network, tensors)

    return scores


def answered(
    scores: Callable[..., torch.Tensor],
    what: Subject,
    device: torch.device,
    target: int | None,
    network: nn.Module,
) -> Answer:
    one = tuple(tensor[:1].to(device).requires_grad_() for tensor in what.inputs)
    input_gradients(network, scores(*one), one)
    rows = said(scores, what.inputs, device)
    if target is not None and target >= rows.shape[1]:
        raise NNArchError(f"target {target} is not an output: they go from 0 to {rows.shape[1] - 1}")
    asked = torch.full((len(rows),), target or 0)
    if rows.shape[1] == 1 and what.classes == 2:
        seen = torch.cat([rows, said(scores, what.others(EVIDENCE), device)])
        return of_classes(as_two_classes(rows, are_probabilities(seen)), asked, asked + 1)
    if rows.shape[1] == 1 or what.classes == 0:
        return Answer(asked, asked, rows.gather(1, asked[:, None])[:, 0], None, "output")
    goal = rows.argmax(1) if target is None else asked
    return of_classes(rows, goal, goal)


def said(scores: Callable[..., torch.Tensor], inputs: Tensors, device: torch.device) -> torch.Tensor:
    """Return what the network says of all samples, without gradients."""
    with torch.no_grad():
        parts = zip(*(tensor.split(CHUNK) for tensor in inputs), strict=True)
        return torch.cat([scores(*(tensor.to(device) for tensor in part)).cpu().float() for part in parts])


def of_classes(rows: torch.Tensor, output: torch.Tensor, target: torch.Tensor) -> Answer:
    chances = log_probabilities(rows).exp()
    unit = "probability" if torch.allclose(chances, rows, atol=1e-4) else "logit"
    return Answer(output, target, rows.argmax(1), chances.amax(1), unit)


def attributed(
    network: nn.Module,
    scores: Callable[..., torch.Tensor],
    what: Subject,
    targets: torch.Tensor,
    device: torch.device,
    options: Options,
    task: events.Task,
) -> Maps:
    method = resolve_name(METHODS[options.method])
    baselines = tuple(tensor.to(device) for tensor in what.baselines)
    done: list[Maps] = []
    for start in range(0, len(what), CHUNK):
        part = slice(start, start + CHUNK)
        here = tuple(tensor[part].to(device) for tensor in what.inputs)
        with going_backward(network):
            done.append(method(scores, here, baselines, targets[part].to(device), options.steps))
        task.advance(min(start + CHUNK, len(what)))
        if task.stopping:
            break
    return joined(done)


def joined(parts: list[Maps]) -> Maps:
    attributions = zip(*(part.attributions for part in parts), strict=True)
    return Maps(
        tuple(torch.cat(tensors).cpu() for tensors in attributions),
        torch.cat([part.completeness for part in parts]).cpu(),
        torch.cat([part.steps for part in parts]).cpu(),
    )


def explained(network: str, what: Subject, answer: Answer, maps: Maps, options: Options) -> Explanation:
    n, data = len(maps.steps), what.data  # fewer than asked for when stopped
    labels = what.labels
    if labels is not None and labels.dim() > 1:
        labels = labels.gather(1, answer.target[:, None])[:, 0]
    first = tuple(tensor[:n].detach().cpu() for tensor in what.raw)
    return Explanation(
        network=network,
        source=data.name if data else "",
        method=options.method,
        baseline=what.baseline,
        attributions=what.form(maps.attributions),
        inputs=what.form(first),
        target=answer.target[:n],
        prediction=answer.prediction[:n],
        confidence=None if answer.confidence is None else answer.confidence[:n],
        labels=None if labels is None else labels[:n].cpu(),
        completeness=maps.completeness,
        steps=maps.steps,
        unit=answer.unit,
        indices=what.indices[:n],
        split=what.split,
        classes=data.classes if data and (answer.confidence is not None or not what.classes) else (),
        features=data.features if data else (),
        bounds=data.bounds if data else None,
        seed=options.seed,
        notes=tuple(remarks(what, answer, maps, options)),
    )


def remarks(what: Subject, answer: Answer, maps: Maps, options: Options) -> list[str]:
    """Return what a reader should know beside the figures."""
    found = []
    if what.data and not torch.equal(answer.output, answer.target):
        found.append(reading(answer.unit == "probability", what.data.classes))
    if len(maps.steps) < len(what):
        found.append(f"stopped after {len(maps.steps)} of {len(what)} samples")
    more, poor = int((maps.steps > options.steps).sum()), int((maps.completeness > TOLERANCE).sum())
    if more:
        found.append(f"{more} of {len(maps.steps)} samples took up to {int(maps.steps.max())} steps")
    if poor:
        found.append(f"{poor} of {len(maps.steps)} samples stay above {TOLERANCE:.0%} completeness error")
    return found
