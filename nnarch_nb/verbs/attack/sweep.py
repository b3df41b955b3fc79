"""The work of ``attack``: every attack at a few eps, the largest first.

A sample that withstood a large eps is not attacked again within a smaller one; its change is only
drawn in and tried there. That saves half of the gradients, and the figures stay what they are: upper
bounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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
from nnarch_nb.verbs.attack.space import remarks
from nnarch_nb.verbs.attack.targets import Targets, targets
from nnarch_nb.verbs.attack.victim import Batch, Found, Victim

SHARES = (1.0, 0.5, 0.25)  # of eps
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
        notes = [*stopped(sizes, course), *remarks(aims.space, eps), *doubts(victim, course)]
        result = gathered(victim, aims, predictions, course, options, notes, started)
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
    course = Course()
    states = {name: begun(aims, predictions, sizes[0]) for name in options.names}
    for number, eps in enumerate(sizes):
        if number:
            states = {name: drawn_in(victim, aims, state, eps) for name, state in states.items()}
        if not all(strike(victim, aims, eps, name, state, options) for name, state in states.items()):
            break
        course.add(eps, states)
    if not course.attacks:
        raise NNArchError("stopped before the first eps was measured: nothing to show; try a smaller n")
    course.finish()
    return course


def begun(aims: Targets, predictions: torch.Tensor, eps: float) -> State:
    right = predictions == aims.labels
    left = (right & (eps > 0)).nonzero()[:, 0]
    return State(aims.labels, aims.originals.clone(), predictions.clone(), left)


def drawn_in(victim: Victim, aims: Targets, larger: State, eps: float) -> State:
    """Return where a smaller eps begins: the larger one's changes, clipped to it and tried."""
    low, high = aims.space.limits(aims.originals, eps)
    state = State(aims.labels, larger.adversarials.clamp(low, high), larger.verdicts.clone(), larger.left)
    changed = (state.adversarials != aims.originals).flatten(1).any(1).nonzero()[:, 0]
    if len(changed):
        state.verdicts[changed] = victim.predictions(state.adversarials[changed], aims.batch_size)
    state.left = (larger.fooled & ~state.fooled).nonzero()[:, 0]
    return state


def strike(
    victim: Victim,
    aims: Targets,
    eps: float,
    name: str,
    state: State,
    options: Options,
) -> bool:
    """Attack the samples left, and believe what a fresh forward run confirms; return whether it ended."""
    attack: Attack = resolve_name(ATTACKS[name])
    task, skipped = victim.task, len(aims) - len(state.left)
    before = task.done
    for done, which in parts(state.left, options.batch_size):
        found = attack(victim, aims.batch(which, eps, victim.device), options.steps)
        if task.stopping:
            return False
        verdicts = victim.predictions(found.adversarials, options.batch_size)
        state.unsteady += int(((verdicts != state.labels[which]) != found.fooled.cpu()).sum())
        state.adversarials[which] = found.adversarials.cpu()
        state.verdicts[which] = verdicts
        task.advance(before + skipped + done, eps=eps, robust=state.interval[0])
    task.advance(before + len(aims), eps=eps, robust=state.interval[0])
    return True


def parts(which: torch.Tensor, size: int) -> Iterator[tuple[int, torch.Tensor]]:
    """Yield the samples a batch at a time, each with how many are then done."""
    for start in range(0, len(which), size):
        part = which[start : start + size]
        yield start + len(part), part


def stopped(sizes: list[float], course: Course) -> list[str]:
    missing = [f"{eps:g}" for eps in sizes if eps not in course.all]
    return [f"stopped before ε = {', '.join(missing)} was measured"] if missing else []


def doubts(victim: Victim, course: Course) -> list[str]:
    """Return what speaks against the figures, as far as the attacks themselves saw it."""
    found = []
    if victim.blind > MANY_BLIND * victim.backward:
        share = victim.blind / victim.backward
        found.append(f"{share:.0%} of the gradients were exactly zero: there the attacks saw nothing")
    unsteady = sum(state.unsteady for curve in course.attacks.values() for state in curve.values())
    if unsteady:
        found.append(f"{unsteady} predictions changed when asked again: the network is not deterministic")
    return found


def gathered(
    victim: Victim,
    aims: Targets,
    predictions: torch.Tensor,
    course: Course,
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
        robust={eps: state.interval for eps, state in course.all.items()},
        attacks={
            name: {eps: state.interval for eps, state in curve.items()}
            for name, curve in course.attacks.items()
        },
        eps=max(course.all),
        unit=space.unit,
        bounds=space.bounds,
        originals=aims.originals,
        labels=aims.labels,
        predictions=predictions,
        indices=aims.indices,
        adversarials={eps: state.adversarials for eps, state in course.all.items()},
        verdicts={eps: state.verdicts for eps, state in course.all.items()},
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
