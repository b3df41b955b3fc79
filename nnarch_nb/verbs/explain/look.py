"""The work of ``explain``: predictions, then attributions a few samples at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pkgutil import resolve_name
from typing import Any

import torch
from torch import nn

from nnarch_nb.core import events
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.core.probe import going_backward, probing, reading
from nnarch_nb.errors import pick
from nnarch_nb.verbs.explain import Explanation
from nnarch_nb.verbs.explain.answer import CHUNK, Answer, Ways, answered
from nnarch_nb.verbs.explain.integrated_gradients import TOLERANCE, Maps
from nnarch_nb.verbs.explain.methods import METHODS
from nnarch_nb.verbs.explain.subject import Subject, subject
from nnarch_nb.verbs.explain.ways import way_of

NONE = -1  # the label of a sample that has not the one explained
MOST_STEPS = 4096  # Gauss–Legendre nodes come from the eigenvalues of a matrix of this size

# What the score explained is, where a sample has more than one: by the kind of data, or by what has its own.
DENSE = {
    "next-token": ["explained is the score of the token after the last one"],
    "segmentation": [
        "explained is the mean over all pixels of a class's score; its probability is that of these means"
    ],
    "steps": ["the network answers for every token: explained is what it answers at the last one"],
    "pixels": ["the network answers for every pixel: explained is the mean over them"],
    "reconstruction": ["explained is the mean squared error of each sample: orange raises it"],
}


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


@torch.inference_mode(False)  # tensors made in inference mode could never have a gradient
def explanation(model: Any, inputs: Any, options: Options) -> Explanation:
    """Return the explanation of ``inputs``, or of those samples that were finished when stopped."""
    network = as_network(model)
    what = subject(inputs, options.n, options.baseline, options.seed, network)
    with (
        probing(network, options.device, options.seed) as device,
        events.task("explain", name_of(network), len(what), "sample") as task,
    ):
        ways = partial(way_of, network, what, device=device)
        answer = answered(ways, what, options.target, network)
        maps = attributed(network, ways, what, answer.output, options, task)
        result = explained(name_of(network), what, answer, maps, options)
        task.finish(result)
    return result


def attributed(
    network: nn.Module,
    ways: Ways,
    what: Subject,
    targets: torch.Tensor,
    options: Options,
    task: events.Task,
) -> Maps:
    method = resolve_name(METHODS[options.method])
    done: list[Maps] = []
    for start in range(0, len(what), CHUNK):
        part = slice(start, start + CHUNK)
        way = ways(part)
        with going_backward(network):
            maps = method(way, targets[part].to(way.inputs[0].device), options.steps)
        done.append(maps._replace(attributions=way.attribution(maps.attributions)))
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
    if what.kind == "multi-label" and labels is not None:
        labels = answer.target.where(labels > 0.5, NONE)
    known = data and (answer.confidence is not None or not what.classes)
    first = tuple(tensor[:n].detach().cpu() for tensor in what.raw)
    return Explanation(
        network=network,
        source=data.name if data else "",
        method=options.method,
        baseline=answer.baseline,
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
        classes=data.classes if data and known else (),
        features=data.features if data else (),
        bounds=data.bounds if data else None,
        seed=options.seed,
        kind=what.kind,
        vocabulary=data.vocabulary if data else None,
        channels=data.channels if data else (),
        notes=tuple(remarks(what, answer, maps, options)),
    )


def remarks(what: Subject, answer: Answer, maps: Maps, options: Options) -> list[str]:
    """Return what a reader should know beside the figures."""
    found = []
    found += DENSE.get(answer.kind, [])
    if what.data and not torch.equal(answer.output, answer.target):
        found.append(reading(answer.unit == "probability", what.data.classes))
    if len(maps.steps) < len(what):
        found.append(f"stopped after {len(maps.steps)} of {len(what)} samples")
    more, poor = int((maps.steps > options.steps).sum()), int((maps.completeness > TOLERANCE).sum())
    if more:
        found.append(f"{more} of {len(maps.steps)} samples took up to {int(maps.steps.max())} steps")
    if poor:
        most = f"{100 * TOLERANCE:.0f} %"
        found.append(f"{poor} of {len(maps.steps)} samples stay above {most} completeness error")
    return found
