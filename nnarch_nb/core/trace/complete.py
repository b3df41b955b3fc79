"""For the verbs that show a whole run: a trace that reached its end, or one line that says why not."""

from __future__ import annotations

from typing import Any

from torch import nn

from nnarch_nb.core.inputs import Call, as_call
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.trace.batch import refuse_batch_dimension
from nnarch_nb.core.trace.record import Failure, Trace
from nnarch_nb.core.trace.run import trace, unwrapped
from nnarch_nb.errors import NNArchError, shorten


def complete_trace(model: Any, inputs: Any, kwargs: Any = None) -> tuple[nn.Module, Call, Trace]:
    """Return the network without its wrappers, what it was called with, and the trace of its forward run.

    Raises
    ------
    NNArchError
        It is no network, the inputs are none, or the forward run fails.
    """
    network = unwrapped(as_network(model))
    call = as_call(inputs, kwargs, network)
    run = trace(network, call)
    refuse_batch_dimension(network, call, run)
    if run.failure is not None:
        raise NNArchError(f"{told(name_of(network), run.failure)}. `%nnarch check` looks for what mends it")
    return network, call, run


def told(name: str, failure: Failure) -> str:
    """Return a failure as a sentence: where, given what, and in torch's words."""
    where = f"{failure.path} ({failure.kind})" if failure.path else f"the forward of {name}"
    given = " and ".join("×".join(map(str, shape)) or "a scalar" for shape in failure.inputs)
    kind = "" if failure.error == "RuntimeError" else f"{failure.error}: "
    # A plain sentence follows, so torch's own full stop goes.
    return (
        f"{where} fails{f' on {given}' if given else ''}: {kind}{shorten(failure.message, 200).rstrip('. ')}"
    )
