"""The work of ``attack``: each attack in turn, from the weakest, at a few eps, from the smallest.

What fools within a small eps fools within every larger one, whose ball contains it: such a sample is not
attacked again, and every other one is. So no figure rests on what was tried at a larger eps, and no curve
rises.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

import torch

from nnarch_nb.core import events
from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.probe import input_gradients, probing
from nnarch_nb.core.stats import wilson
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack import Robustness
from nnarch_nb.verbs.attack.attacks import ATTACKS
from nnarch_nb.verbs.attack.course import Course, State
from nnarch_nb.verbs.attack.options import Options
from nnarch_nb.verbs.attack.space import discrete, remarks
from nnarch_nb.verbs.attack.targets import Targets, targets
from nnarch_nb.verbs.attack.victim import Batch, Found, Victim

SHARES = (0.25, 0.5, 1.0)  # of eps
MANY_BLIND = 0.05  # of all gradients: beyond, the reader is told

Attack = Callable[[Victim, Batch, int], Found]


@torch.inference_mode(False)  # tensors made in inference mode could never have a gradient
def robustness(model: Any, data: Any, options: Options) -> Robustness:
    """Return what was measured, up to the eps during which it was stopped."""
    network = as_network(model)
    aims = targets(data, options)
    started = time.process_time()
    eps = aims.space.default_eps if options.eps is None else float(options.eps)
    sizes = [share * eps for share in SHARES] if eps else [0.0]
    total = len(sizes) * len(options.names) * len(aims)
    with (
        probing(network, options.device, options.seed) as device,
        events.task("attack", name_of(network), total, "sample") as task,
    ):
        victim = Victim(network, aims.data, device, weight_dtype(network), task)
        predictions = checked(victim, aims)
        course = swept(victim, aims, predictions, sizes, options)
        notes = [*stopped(sizes, course, aims), *remarks(aims.space, eps)]
        notes += [*discrete(aims.data), *doubts(victim, course)]
        kept = aims.first(course.reached)
        result = gathered(victim, kept, predictions[: len(kept)], course, sizes, options, notes, started)
        task.finish(result)
    return result


def checked(victim: Victim, aims: Targets) -> torch.Tensor:
    """Return the clean predictions of a network that can be attacked at all."""
    name, most = name_of(victim.network), int(aims.labels.max())
    one = aims.originals[:1].to(victim.device).requires_grad_()
    scores = victim.scores(one)
    input_gradients(victim.network, scores, (one,))
    if scores.shape[1] < 2 or scores.shape[1] <= most:
        raise NNArchError(
            f"{name} returns {scores.shape[1]} scores per sample but the labels of {aims.data.name} "
            f"go to {most}: attack needs one score per class"
        )
    return victim.predictions(aims.originals, aims.batch_size)


def swept(
    victim: Victim,
    aims: Targets,
    predictions: torch.Tensor,
    sizes: list[float],
    options: Options,
) -> Course:
    """Return what was finished: all, or when stopped the attacks and eps before."""
    course = Course(options.names, len(aims))
    for name, curve in course.attacks.items():
        state = State(aims.labels, aims.originals.clone(), predictions.clone())
        for eps in sizes:
            state = state.copy()
            done = strike(victim, aims, eps, name, state, options) if eps else len(aims)
            if done == len(aims):
                curve[eps] = state
                continue
            if not course.states:  # the first of all: keep the samples that it did finish
                course.reached, curve[eps] = done, state.first(done)
            return checked_course(course)
    return course


def checked_course(course: Course) -> Course:
    if not course.reached:
        raise NNArchError("stopped before the first samples were attacked: nothing to show")
    return course


def strike(
    victim: Victim,
    aims: Targets,
    eps: float,
    name: str,
    state: State,
    options: Options,
) -> int:
    """Attack the samples left, and believe what a fresh forward run confirms.

    Returns
    -------
    int
        How many samples are finished, from the first: all, unless it was stopped.
    """
    attack: Attack = resolve_name(ATTACKS[name])
    task, left = victim.task, state.left
    before, done = task.done, 0
    for which in left.split(options.batch_size) if len(left) else ():
        found = attack(victim, aims.batch(which, eps, victim.device), options.steps)
        if task.stopping:
            return done
        verdicts = victim.predictions(found.adversarials, options.batch_size)
        state.unsteady += int(((verdicts != state.labels[which]) != found.fooled.cpu()).sum())
        state.adversarials[which] = found.adversarials.cpu()
        state.verdicts[which] = verdicts
        done = int(which[-1]) + 1
        task.advance(before + done, eps=eps, robust=state.interval[0])
    task.advance(before + len(aims), eps=eps, robust=state.interval[0])
    return len(aims)


def stopped(sizes: list[float], course: Course, aims: Targets) -> list[str]:
    """Return what an interrupt left out."""
    notes = []
    if course.reached < len(aims):
        notes.append(f"stopped after {course.reached:,} of {len(aims):,} samples")
    missing = {name: [f"{e:g}" for e in sizes if e not in curve] for name, curve in course.attacks.items()}
    left = [f"{name} at ε = {', '.join(where)}" for name, where in missing.items() if where]
    return [*notes, f"stopped before {' and '.join(left)}"] if left else notes


def doubts(victim: Victim, course: Course) -> list[str]:
    """Return what speaks against the figures, as far as the attacks themselves saw it."""
    found = []
    if victim.blind > MANY_BLIND * victim.backward:
        share = victim.blind / victim.backward
        found.append(f"{share:.0%} of the gradients were exactly zero: there the attacks saw nothing")
    unsteady = sum(state.unsteady for state in course.states)
    if unsteady:
        found.append(f"{unsteady} predictions changed when asked again: the network is not deterministic")
    return found


def gathered(
    victim: Victim,
    aims: Targets,
    predictions: torch.Tensor,
    course: Course,
    sizes: list[float],
    options: Options,
    notes: list[str],
    started: float,
) -> Robustness:
    data, space, together = aims.data, aims.space, course.joined(sizes)
    return Robustness(
        network=name_of(victim.network),
        source=data.name,
        split=aims.split,
        clean=wilson(int((predictions == aims.labels).sum()), len(aims)),
        robust={eps: state.interval for eps, state in together.items()},
        attacks={
            name: {eps: state.interval for eps, state in curve.items()}
            for name, curve in course.attacks.items()
        },
        eps=max(together),
        unit=space.unit,
        bounds=space.bounds,
        originals=aims.originals,
        labels=aims.labels,
        predictions=predictions,
        indices=aims.indices,
        adversarials={eps: state.adversarials for eps, state in together.items()},
        verdicts={eps: state.verdicts for eps, state in together.items()},
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
