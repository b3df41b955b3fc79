"""Tells a person that the shape they gave has a batch dimension."""

from __future__ import annotations

from typing import NoReturn

from torch import nn

from nnarch_nb.core.inputs import Call, as_call
from nnarch_nb.core.layers import layer_family
from nnarch_nb.core.trace.record import Trace
from nnarch_nb.core.trace.run import trace as run_trace
from nnarch_nb.errors import NNArchError

PLAIN = {"Linear", "linear", "Dropout", "dropout", "Identity", "add", "mul"}
PLAIN_FAMILIES = {"activation", "normalization"}


def refuse_batch_dimension(model: nn.Module, call: Call, trace: Trace) -> None:
    """Raise an error if the shape given for one sample looks like the shape of a batch.

    Parameters
    ----------
    model, call, trace
        The network, what it was called with, and what came of it.

    Raises
    ------
    NNArchError
        The network fails on the shape and accepts it without its first size; or it is a plain MLP,
        which would take the batch for one more dimension and say nothing.
    """
    if call.sample is None or len(call.sample) < 2 or not made_from_shape(call):
        return
    if trace.failure is not None:
        shorter = as_call(call.sample[1:], call.kwargs, model)
        if run_trace(model, shorter).failure is None:
            refuse(call.sample)
    elif len(call.sample) == 2 and takes_rows(model, trace, call.sample[1]):
        refuse(call.sample)


def refuse(sample: tuple[int, ...]) -> NoReturn:
    one = ", ".join(map(str, sample[1:])) + ("," if len(sample) == 2 else "")
    raise NNArchError(f"{sample} has a batch dimension: give the shape of one sample, ({one})")


def made_from_shape(call: Call) -> bool:
    """Whether the example is ours, one zero seen from everywhere, rather than a sample of some data."""
    return len(call.args) == 1 and not any(call.args[0].stride()[1:])


def takes_rows(model: nn.Module, trace: Trace, features: int) -> bool:
    """Whether the network is an MLP for that many features: Linear and what works on each value alone."""
    linear = next((module for module in model.modules() if isinstance(module, nn.Linear)), None)
    steps = [operation.name for operation in trace.operations if operation.kind in ("module", "function")]
    plain = all(step in PLAIN or layer_family(step) in PLAIN_FAMILIES for step in steps)
    return linear is not None and linear.in_features == features and plain
