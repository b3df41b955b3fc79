"""FGSM: one step of full size along the sign of the gradient."""

from __future__ import annotations

from nnarch_nb.verbs.attack.victim import Batch, Found, Victim


def fgsm(victim: Victim, batch: Batch, steps: int) -> Found:
    """Return the samples moved by eps to where the loss rises; ``steps`` is always one."""
    slope = victim.slope(batch.originals, batch.labels, victim.judge.loss)
    moved = batch.clip(batch.originals + batch.radius * slope.gradient.sign())
    return Found(moved, victim.standing(moved, batch.labels)[1])
