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
from nnarch_nb.core.embedding import embedding_of
from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.probe import are_probabilities, input_gradients, probing
from nnarch_nb.core.stats import wilson
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack import Robustness
from nnarch_nb.verbs.attack.attacks import ATTACKS
from nnarch_nb.verbs.attack.course import Course, State
from nnarch_nb.verbs.attack.notes import answers, doubts, stopped
from nnarch_nb.verbs.attack.options import Options
from nnarch_nb.verbs.attack.space import Space, discrete, remarks
from nnarch_nb.verbs.attack.targets import Targets, targets
from nnarch_nb.verbs.attack.victim import Batch, Found, Victim
from nnarch_nb.verbs.attack.words import Words

Attack = Callable[[Victim, Batch, int], Found]


@torch.inference_mode(False)  # tensors made in inference mode could never have a gradient
def robustness(model: Any, data: Any, options: Options) -> Robustness:
    """Return what was measured, up to the eps during which it was stopped."""
    network = as_network(model)
    aims = targets(data, options)
    started = time.process_time()
    eps = aims.space.default_eps if options.eps is None else float(options.eps)
    sizes, names = aims.space.sizes(eps), options.names_for(isinstance(aims.space, Words))
    total = len(sizes) * len(names) * len(aims)
    with (
        probing(network, options.device, options.seed) as device,
        events.task("attack", name_of(network), total, "sample") as task,
    ):
        dtype = weight_dtype(network)
        victim = Victim(network, aims.data, aims.judge, device, dtype, task, options.seed)
        predictions = checked(victim, aims)
        course = swept(victim, aims, predictions, sizes, names, options)
        notes = stopped(sizes, course, aims)
        if isinstance(aims.space, Space):
            notes += [*remarks(aims.space, eps), *discrete(aims.data)]
        kept = aims.first(course.reached)
        predictions = predictions[: len(kept)]
        notes += [*answers(victim, kept, predictions), *doubts(victim, course)]
        result = gathered(victim, kept, predictions, course, sizes, options, notes, started)
        task.finish(result)
    return result


def checked(victim: Victim, aims: Targets) -> torch.Tensor:
    """Return the clean predictions of a network that can be attacked at all."""
    one = aims.originals[:1].to(victim.device)
    if isinstance(aims.space, Words):
        with torch.no_grad():
            victim.lookup = embedding_of(victim.network, one, lambda: victim.scores(one))
        victim.allowed = aims.space.allowed(victim.lookup).to(victim.device)
        victim.slope_of_tokens(one, aims.y[:1].to(victim.device))
        scores = victim.scores(one)
    else:
        one.requires_grad_()
        scores = victim.scores(one)
        input_gradients(victim.network, scores, (one,))
    outputs, classes = scores.shape[1], aims.data.outputs
    if aims.data.kind == "classification" and outputs == 1 and classes == 2:
        victim.probabilities = are_probabilities(victim.said(aims.evidence, aims.batch_size))
    elif outputs < classes:
        raise NNArchError(
            f"{name_of(victim.network)} returns {outputs} score{'s' * (outputs > 1)} a sample, but "
            f"{aims.data.name} has {classes} classes: give its last layer {classes} outputs"
        )
    return victim.predictions(aims.originals, aims.y, aims.batch_size)


def swept(
    victim: Victim,
    aims: Targets,
    predictions: torch.Tensor,
    sizes: list[float],
    names: list[str],
    options: Options,
) -> Course:
    """Return what was finished: all, or when stopped the attacks and eps before."""
    course = Course(names, len(aims))
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
        batch = aims.batch(which, eps, victim.device, state.adversarials)
        found = attack(victim, batch, options.steps)
        if task.stopping:
            return done
        verdicts = victim.predictions(found.adversarials, batch.labels, options.batch_size)
        state.unsteady += int(((verdicts != state.labels[which]) != found.fooled.cpu()).sum())
        state.adversarials[which] = padded_alike(found.adversarials.cpu(), aims.originals[which])
        state.verdicts[which] = verdicts
        done = int(which[-1]) + 1
        task.advance(before + done, eps=eps, robust=state.interval[0])
    task.advance(before + len(aims), eps=eps, robust=state.interval[0])
    return len(aims)


def padded_alike(changed: torch.Tensor, originals: torch.Tensor) -> torch.Tensor:
    """Return the samples with the very padding of the originals: there is more than one NaN."""
    return torch.where(originals.isnan(), originals, changed) if originals.is_floating_point() else changed


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
        classes=aims.judge.names(data),
        features=data.features,
        norm=space.norm,
        kind=data.kind,
        vocabulary=data.vocabulary,
        channels=data.channels,
        notes=tuple(notes),
    )
