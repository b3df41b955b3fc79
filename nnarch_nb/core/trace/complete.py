"""From what a person gave to a trace of it; for the verbs that show a whole run, one that reached its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.inputs import Call, as_call, made_from_shape
from nnarch_nb.core.network import as_network, name_of
from nnarch_nb.core.trace.batch import channelless, notes_on, refuse_batch_dimension
from nnarch_nb.core.trace.record import Failure, Trace
from nnarch_nb.core.trace.run import trace
from nnarch_nb.core.trace.setting import unwrapped
from nnarch_nb.errors import NNArchError, shorten

TOKENS = ("Embedding", "EmbeddingBag", "one_hot")


def first_trace(
    model: Any,
    inputs: Any,
    kwargs: Any = None,
    confirm: bool = False,
    *,
    training: bool = False,
    batch_size: int | None = None,
    dtype: str | torch.dtype | None = None,
) -> tuple[nn.Module, Call, Trace]:
    """Return the network without its wrappers, what it was called with, and the trace of its forward run.

    Parameters
    ----------
    model, inputs, kwargs, batch_size
        The network, and what ``as_call`` makes its arguments of.
    confirm, training, dtype
        As in ``trace``.

    Raises
    ------
    NNArchError
        It is no network, the inputs are none, or the options do not go with them.
    """
    network = unwrapped(as_network(model))
    call = as_call(inputs, kwargs, network, batch_size)
    run = trace(network, call, confirm, training, dtype)
    if run.failure is not None and wants_tokens(call, run.failure):
        call = tokens(call)
        run = trace(network, call, confirm, training, dtype)
    refuse_batch_dimension(network, call, run)
    return network, call, replace(run, notes=(*run.notes, *made_up(call, run), *notes_on(network, call, run)))


def made_up(call: Call, run: Trace) -> tuple[str, ...]:
    """Return that a run on values failed on values that nobody gave."""
    if run.failure is None or run.mode == "fake" or run.failure.is_inherent or not made_from_shape(call):
        return ()
    return ("The values were made up (zeros): give a sample of your own if they matter.",)


def complete_trace(
    model: Any,
    inputs: Any,
    kwargs: Any = None,
    *,
    training: bool = False,
    batch_size: int | None = None,
    dtype: str | torch.dtype | None = None,
) -> tuple[nn.Module, Call, Trace]:
    """Return the same; the run reached its end.

    Raises
    ------
    NNArchError
        Also where the forward run fails.
    """
    network, call, run = first_trace(
        model, inputs, kwargs, training=training, batch_size=batch_size, dtype=dtype
    )
    if run.failure is not None:
        raise NNArchError(f"{told(name_of(network), run.failure)}. `%nnarch check` looks for what mends it")
    refuse_channelless(network, call, run)
    return network, call, run


def refuse_channelless(network: nn.Module, call: Call, run: Trace) -> None:
    """Raise where a picture without channels went through, its rows taken for them."""
    row = channelless(network, call, run)
    if row is not None:
        whole = (1, *(call.sample or ()))
        raise NNArchError(f"{call.sample} has no channels, which {row.path or row.kind} wants: give {whole}")


def wants_tokens(call: Call, failure: Failure) -> bool:
    """Whether a shape was taken for numbers where the network wants indices."""
    return made_from_shape(call) and bool({failure.kind, failure.operation} & {*TOKENS})


def tokens(call: Call) -> Call:
    return replace(call, args=(torch.zeros((), dtype=torch.long).expand(call.args[0].shape),))


def told(name: str, failure: Failure) -> str:
    """Return a failure as a sentence: where, given what, and in torch's words."""
    where = f"{failure.path} ({failure.kind})" if failure.path else f"the forward of {name}"
    given = " and ".join("×".join(map(str, shape)) or "a scalar" for shape in failure.inputs)
    kind = "" if failure.error == "RuntimeError" else f"{failure.error}: "
    # A plain sentence follows, so torch's own full stop goes.
    return (
        f"{where} fails{f' on {given}' if given else ''}: {kind}{shorten(failure.message, 200).rstrip('. ')}"
    )
