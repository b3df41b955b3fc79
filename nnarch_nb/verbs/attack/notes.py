"""What a reader of the figures should know: how answers were read, what was left out, what to doubt."""

from __future__ import annotations

import torch

from nnarch_nb.core.probe import reading
from nnarch_nb.verbs.attack.course import Course
from nnarch_nb.verbs.attack.targets import Targets
from nnarch_nb.verbs.attack.victim import Victim

MANY_BLIND = 0.05  # of all gradients: beyond, the reader is told
ONE_SIDED = 0.95  # of all clean answers: beyond, accuracy is hardly more than one class's share


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


def answers(victim: Victim, aims: Targets, predictions: torch.Tensor) -> list[str]:
    """Return how one output was read, and whether nearly all clean answers are one class."""
    classes, found = aims.data.classes, []
    if victim.probabilities is not None:
        found.append(reading(victim.probabilities, classes))
    if len(aims.labels.unique()) > 1:
        found += one_sided(predictions, classes)
    return found


def one_sided(predictions: torch.Tensor, classes: tuple[str, ...]) -> list[str]:
    """Doubt a network that hardly looks at its inputs: it would pass for a robust one."""
    counts, n = predictions.bincount(), len(predictions)
    most, number = int(counts.max()), int(counts.argmax())
    if most < ONE_SIDED * n:
        return []
    name = classes[number] if number < len(classes) else f"class {number}"
    samples, near = ("every sample", "") if most == n else (f"{most:,} of {n:,} samples", "close to ")
    return [
        f"the network answers {name} for {samples}: accuracy is {near}that class's share, and what "
        "withstands is no sign of robustness"
    ]
