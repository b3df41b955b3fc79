"""Where a view or flatten mixed the batch into the features."""

from __future__ import annotations

from nnarch_nb.core.trace import Operation, Trace
from nnarch_nb.verbs.check.finding import Sizes

FLATTENS = ("view", "reshape", "flatten", "Flatten", "ravel")


def mixing_step(run: Trace, batch: int) -> tuple[Operation, Sizes] | None:
    """Return the last step that gave another number of rows than there are samples, and what it was given."""
    made = {edge.target: edge for edge in run.edges}
    for step in reversed(run.operations):
        given = made[step.id].shape if step.id in made else ()
        if (
            step.name in FLATTENS
            and step.shapes
            and step.shapes[0][:1] != given[:1]
            and given[:1] == (batch,)
        ):
            return (step, given) if len(given) > 2 and len(step.shapes[0]) <= 2 else None
    return None
