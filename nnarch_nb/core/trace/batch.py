"""How the network took the shape of one sample: with a batch dimension too many, or one too few.

Torch reads some inputs without a batch dimension, and says nothing when that was not meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from torch import nn
from torch.nn.modules.conv import _ConvNd

from nnarch_nb.core.inputs import Call, as_call, made_from_shape
from nnarch_nb.core.layers import layer_family
from nnarch_nb.core.trace.record import Failure, Row, Trace
from nnarch_nb.core.trace.run import trace as run_trace
from nnarch_nb.errors import NNArchError

PLAIN = {"Linear", "linear", "Dropout", "dropout", "Identity", "add", "mul"}
BROADCAST = {"add", "iadd", "sub", "isub", "mul", "imul", "truediv", "div", "itruediv"}
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
    if not made_from_shape(call) or call.sample is None or len(call.sample) < 2:
        return
    if trace.failure is not None:
        if meets_constant(trace.failure):
            return
        shorter = as_call(call.sample[1:], call.kwargs, model)
        second = run_trace(model, shorter, retry=False)
        if second.failure is None and is_one(second) and channelless(model, shorter, second) is None:
            refuse(call.sample)
    elif len(call.sample) == 2 and takes_rows(model, trace, call.sample[1]):
        refuse(call.sample)


def meets_constant(failure: Failure) -> bool:
    """Whether a sum with a table or a constant fails: one more dimension in front would fit there."""
    sources = [given.source for given in failure.given]
    return failure.operation in BROADCAST and "" in sources and any(sources)


def is_one(trace: Trace) -> bool:
    """Whether one sample came out: a table may have made a batch of its own rows."""
    output = trace.output if trace.returned == "tensor" else None
    return not output or output[0] == 1


def refuse(sample: tuple[int, ...]) -> NoReturn:
    one = ", ".join(map(str, sample[1:])) + ("," if len(sample) == 2 else "")
    whole = ", ".join(map(str, sample))
    raise NNArchError(
        f"{sample} has a batch dimension: give the shape of one sample, ({one}); "
        f"or, if each sample is {'×'.join(map(str, sample))}, a tensor such as torch.zeros(1, {whole})"
    )


def channelless(model: nn.Module, call: Call, trace: Trace) -> Row | None:
    """Return the convolution that took the batch for its channels, as a sample without channels makes it."""
    for row, module in direct(model, call, trace):
        if isinstance(module, _ConvNd) and len(row.inputs[0]) == len(module.kernel_size) + 1:
            return row
    return None


def notes_on(model: nn.Module, call: Call, trace: Trace) -> tuple[str, ...]:
    """Return that layers made for time first took the steps of a sample for a batch."""
    if call.sample is None or len(call.sample) != 2:
        return ()
    steps, width = call.sample
    if steps == 1:
        return ()
    return tuple(
        f"{row.path or row.kind} takes time first and read {steps} samples of one step: "
        f"make it with batch_first=True, or give torch.zeros({steps}, 1, {width})."
        for row, module in direct(model, call, trace)
        if is_time_first(module)
    )[:1]


def is_time_first(module: nn.Module) -> bool:
    inner = getattr(module, "self_attn", module)
    return getattr(inner, "batch_first", True) is False


def direct(model: nn.Module, call: Call, trace: Trace) -> Iterator[tuple[Row, nn.Module]]:
    """Yield the modules that were given the sample as it is, where a sample's shape is known."""
    if call.sample is None or not call.args:
        return
    modules, given = dict(model.named_modules()), tuple(call.args[0].shape)
    for row in trace.rows:
        if row.inputs[:1] == (given,) and row.path in modules:
            yield row, modules[row.path]


def takes_rows(model: nn.Module, trace: Trace, features: int) -> bool:
    """Whether the network is an MLP for that many features: Linear and what works on each value alone."""
    linear = next((module for module in model.modules() if isinstance(module, nn.Linear)), None)
    steps = [operation.name for operation in trace.operations if operation.kind in ("module", "function")]
    plain = all(step in PLAIN or layer_family(step) in PLAIN_FAMILIES for step in steps)
    return linear is not None and linear.in_features == features and plain
