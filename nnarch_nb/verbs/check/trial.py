"""One traced run for a trial: on values too where that is quick, on shapes alone in a large network."""

from __future__ import annotations

from torch import nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace import Trace, trace
from nnarch_nb.verbs.check.finding import Case

LIGHT_BYTES, LIGHT_MACS, LIGHT_LAYERS = 2**24, 10**8, 150
MOST_WORK = 6000  # layers in all trials together, for each number of changes
MOST_TRIALS, FEW_TRIALS = 32, 6


def tried(case: Case, call: Call) -> Trace:
    """Return the run of the network as it is now; what only values show is looked for where they failed."""
    light = is_light(case.run)
    return trace(case.model, call, confirm=light or case.run.mode == "real", retry=light)


def is_light(run: Trace) -> bool:
    small = run.weights_bytes <= LIGHT_BYTES and run.macs <= LIGHT_MACS
    return small and len(run.rows) <= LIGHT_LAYERS


def most_trials(run: Trace) -> int:
    """Return how many trials a network is worth: the fewer the larger it is."""
    return min(MOST_TRIALS, max(FEW_TRIALS, MOST_WORK // max(1, len(run.rows))))


class Reached(Exception):
    """The run came as far as it had to."""


def reaches(model: nn.Module, path: str, call: Call) -> Trace:
    """Return the run on shapes alone, up to the end of a layer; "" for all of it."""

    def stop(*_: object) -> None:
        raise Reached

    layer = dict(model.named_modules())[path]
    handle = layer.register_forward_hook(stop)
    try:
        return trace(model, call, retry=False)
    finally:
        handle.remove()
