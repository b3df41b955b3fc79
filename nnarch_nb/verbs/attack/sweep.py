"""The work of ``attack``: every attack at a few rising eps, and what is left standing after each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

import torch
from torch import nn

from nnarch_nb.core import events
from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.probe import input_gradients, probing
from nnarch_nb.core.stats import wilson
from nnarch_nb.errors import NNArchError, pick
from nnarch_nb.verbs.attack import Robustness
from nnarch_nb.verbs.attack.attacks import ATTACKS
from nnarch_nb.verbs.attack.course import Course, State
from nnarch_nb.verbs.attack.space import remarks
from nnarch_nb.verbs.attack.targets import Targets, targets
from nnarch_nb.verbs.attack.victim import Batch, Found, Victim

SHARES = (0.25, 0.5, 1.0)  # of eps, rising: what falls early is not attacked again
MANY_BLIND = 0.05  # of all gradients: beyond, the reader is told

Attack = Callable[[Victim, Batch, int], Found]


@dataclass(frozen=True)
class Options:
    """The options of ``attack``, as its docstring describes them."""

    eps: float | None
    bounds: tuple[float, float] | None
    attacks: list[str] | None
    n: int
    steps: int
    batch_size: int
    seed: int
    device: str

    def __post_init__(self) -> None:
        for name in self.names:
            pick(name, ATTACKS, "attack")
        for name, value in (("n", self.n), ("steps", self.steps), ("batch_size", self.batch_size)):
            if value < 1:
                raise NNArchError(f"{name} must be at least 1, not {value}")
        if self.eps is not None and not 0 <= self.eps < math.inf:
            raise NNArchError(f"eps must be a finite number of at least 0, not {self.eps}")
        if self.attacks is not None and not self.names:
            raise NNArchError(
                f"no attack is asked for: leave attacks out, or name some of {', '.join(ATTACKS)}"
            )

    @property
    def names(self) -> list[str]:
        asked = [self.attacks] if isinstance(self.attacks, str) else self.attacks
        return list(ATTACKS if asked is None else dict.fromkeys(asked))


def robustness(model: Any, data: Any, options: Options) -> Robustness:
    """Return what was measured, up to the eps during which it was stopped."""
    network = as_network(model)
    aims = targets(data, options)
    started = time.process_time()
    with probing(network, options.device, options.seed) as device:
        victim = Victim(network, aims.data, device, weight_dtype(network))
        predictions = checked(victim, aims, network)
        eps = aims.space.default_eps if options.eps is None else float(options.eps)
        sizes = [share * eps for share in SHARES] if eps else [0.0]
        total = len(sizes) * len(options.names) * len(aims)
        with events.task("attack", name_of(network), total, "sample") as task:
            states = {name: begun(aims, predictions) for name in options.names}
            course = swept(victim, aims, sizes, states, options, task)
            notes = [*stopped(sizes, course), *remarks(aims.space, eps), *doubts(victim, states)]
            result = gathered(victim, aims, course, predictions, options, notes, started)
            task.finish(result)
    return result


def checked(victim: Victim, aims: Targets, network: nn.Module) -> torch.Tensor:
    """Return the clean predictions of a network that can be attacked at all."""
    one = aims.originals[:1].to(victim.device).requires_grad_()
    scores = victim.scores(one)
    input_gradients(network, scores, (one,))
    most = int(aims.labels.max())
    if scores.shape[1] < 2 or scores.shape[1] <= most:
        raise NNArchError(
            f"{name_of(network)} returns {scores.shape[1]} scores per sample but the labels of "
            f"{aims.data.name} go to {most}: attack needs one score per class"
        )
    return torch.cat([victim.predictions(part).cpu() for part in aims.originals.split(aims.batch_size)])


def begun(aims: Targets, predictions: torch.Tensor) -> State:
    return State(predictions != aims.labels, aims.originals.clone(), predictions.clone())


def swept(
    victim: Victim,
    aims: Targets,
    sizes: list[float],
    states: dict[str, State],
    options: Options,
    task: events.Task,
) -> Course:
    course, done = Course(), 0
    for eps in sizes:
        for name, state in states.items():
            attack: Attack = resolve_name(ATTACKS[name])
            left = (~state.fooled).nonzero()[:, 0] if eps else torch.arange(0)
            for which in left.split(options.batch_size) if len(left) else ():
                if task.stopping:
                    break
                struck(victim, aims, which, eps, attack, state, options.steps)
                task.advance(done + len(aims) - len(left) + int((left <= which[-1]).sum()), eps=eps)
            done += len(aims)
        if task.stopping:
            break
        course.record(eps, states)
        task.advance(done, completed=True, eps=eps, robust=course.robust[eps][0])
    if not course.robust:
        raise NNArchError("stopped before the first eps was measured: nothing to show; try a smaller n")
    return course


def struck(
    victim: Victim,
    aims: Targets,
    which: torch.Tensor,
    eps: float,
    attack: Attack,
    state: State,
    steps: int,
) -> None:
    """Attack some samples, and believe what a fresh forward run confirms."""
    batch = aims.batch(which, eps, victim.device)
    found = attack(victim, batch, steps)
    verdicts = victim.predictions(found.adversarials).cpu()
    fooled = verdicts != aims.labels[which]
    state.unsteady += int((fooled != found.fooled.cpu()).sum())
    state.fooled[which] = fooled
    state.adversarials[which] = found.adversarials.cpu()
    state.verdicts[which] = verdicts


def stopped(sizes: list[float], course: Course) -> list[str]:
    missing = [f"{eps:g}" for eps in sizes if eps not in course.robust]
    return [f"stopped before ε = {', '.join(missing)} was measured"] if missing else []


def doubts(victim: Victim, states: dict[str, State]) -> list[str]:
    """Return what speaks against the figures, as far as the attacks themselves saw it."""
    found = []
    if victim.blind > MANY_BLIND * victim.backward:
        share = victim.blind / victim.backward
        found.append(f"{share:.0%} of the gradients were exactly zero: there the attacks saw nothing")
    unsteady = sum(state.unsteady for state in states.values())
    if unsteady:
        found.append(f"{unsteady} predictions changed when asked again: the network is not deterministic")
    return found


def gathered(
    victim: Victim,
    aims: Targets,
    course: Course,
    predictions: torch.Tensor,
    options: Options,
    notes: list[str],
    started: float,
) -> Robustness:
    data, space = aims.data, aims.space
    return Robustness(
        network=name_of(victim.network),
        source=data.name,
        split=aims.split,
        clean=wilson(int((predictions == aims.labels).sum()), len(aims)),
        robust=course.robust,
        attacks=course.attacks,
        eps=max(course.robust),
        unit=space.unit,
        bounds=space.bounds,
        originals=aims.originals,
        labels=aims.labels,
        predictions=predictions,
        indices=aims.indices,
        adversarials=course.adversarials,
        verdicts=course.verdicts,
        budget={
            "forward": victim.forward,
            "backward": victim.backward,
            "cpu_seconds": time.process_time() - started,
        },
        steps=options.steps,
        seed=options.seed,
        classes=data.classes,
        features=data.features,
        notes=tuple(notes),
    )
