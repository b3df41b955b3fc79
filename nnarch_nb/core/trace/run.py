"""Runs a network once under watch: on fakes where it can be, on its real weights where it must."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from nnarch_nb.core.device import memory_told
from nnarch_nb.core.inputs import Call, floating_type, made_from_shape
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.fallback import (
    has_no_values,
    needs_values,
    real_from_the_start,
    told_reason,
    wants_gradients,
)
from nnarch_nb.core.trace.given import found
from nnarch_nb.core.trace.leaks import Fakes
from nnarch_nb.core.trace.record import Trace
from nnarch_nb.core.trace.setting import Manner, deeper, placed, quiet, unwrapped
from nnarch_nb.core.trace.shield import fake_of, faked, seeming_device
from nnarch_nb.core.trace.watched import watched
from nnarch_nb.core.turns import LOCK
from nnarch_nb.errors import NNArchError

PLAIN = Manner()
# A failure on fakes is confirmed by a real run where that costs little: a kernel may be stricter about
# fakes than about values, and torch's own words are the ones a person can look up.
CONFIRM_BYTES, CONFIRM_MACS = 2**28, 10**9
MADE_UP = "On made-up values (zeros) it fails: {}. Give a sample of your own to know."
LEFT = (
    "{} tensors without values stay where the network's code put them and cannot be taken back: "
    "make the network anew before a real run."
)


def trace(
    model: nn.Module,
    call: Call,
    confirm: bool = False,
    training: bool = False,
    dtype: str | torch.dtype | None = None,
    retry: bool = True,
) -> Trace:
    """Run the network once and return what it did; the network is left as it was.

    Parameters
    ----------
    model
        Any network; the one within a ``DataParallel`` or compiled wrapper is looked at.
    call
        Its arguments.
    confirm
        After a good run on fakes, run on values too where that costs little: an index may be out of range.
    training
        Run as in training, with gradients. By default it runs as in evaluation, so that one sample is
        enough for batch normalization.
    dtype
        Look at the network as if its floating weights and inputs were of this type, such as ``bfloat16``.
    retry
        Run on values where fakes fail and that costs little; else the fakes are believed.

    Returns
    -------
    Trace
        With ``failure`` set if the forward run raised; the trace itself does not raise.

    Raises
    ------
    NNArchError
        ``dtype`` is no floating type, or the network takes a real run, which is made with what it has.
    """
    model, manner = unwrapped(model), Manner(training, None if dtype is None else floating_type(dtype))
    with LOCK, quiet(), deeper(model):
        reason = real_from_the_start(model, call)
        if reason is not None:
            return real_run(model, call, reason, manner)
        first, error = fake_run(model, call, manner)
        if has_no_values(model, call):
            return first
        if error is None:
            worth = confirm and is_cheap(first, call) and not first.notes
            return tested(model, call, first, manner) if worth else first
        if needs_values(error):
            return real_run(model, call, told_reason(error), manner)
        return confirmed(model, call, first, error, manner) if retry else first


def confirmed(model: nn.Module, call: Call, first: Trace, error: Exception, manner: Manner) -> Trace:
    """Return the failed trace with torch's own message, or the real run where that does not fail."""
    if not is_cheap(first, call) or manner.dtype is not None:
        return first
    second = real_run(model, call, f"only fake tensors failed: {told_reason(error)}", manner)
    if first.failure and second.failure and first.failure.path == second.failure.path:
        return replace(first, failure=second.failure)
    return second


def is_cheap(first: Trace, call: Call) -> bool:
    needed = first.weights_bytes + sum(t.numel() * t.element_size() for t in call.tensors)
    return needed <= CONFIRM_BYTES and first.macs <= CONFIRM_MACS and not first.uncounted


def tested(model: nn.Module, call: Call, first: Trace, manner: Manner) -> Trace:
    """Return the good trace, confirmed, or the run on values if that one fails."""
    second = real_run(model, call, "a run without values reached its end", manner._replace(dtype=None))
    if second.failure is None:
        return replace(first, confirmed=True)
    if made_from_shape(call) and not second.failure.is_inherent:
        return replace(first, notes=(MADE_UP.format(second.failure.message.rstrip(".")),))
    return second


def fake_run(model: nn.Module, call: Call, manner: Manner = PLAIN) -> tuple[Trace, Exception | None]:
    """Return the trace of a run on fakes and what it raised; one on ``meta`` seems to be on a device."""
    device = seeming_device(model, call)
    first, error = run_on_fakes(model, call, manner._replace(device=device))
    # Its code may name its device itself.
    return (first, error) if error is None or device is None else run_on_fakes(model, call, manner)


def run_on_fakes(model: nn.Module, call: Call, manner: Manner) -> tuple[Trace, Exception | None]:
    fake, made = FakeTensorMode(allow_non_fake_inputs=True), Fakes()
    copied = partial(fake_of, fake=fake, dtype=manner.dtype, device=manner.device)
    before = found(model)  # while there are values
    with faked(model, fake, made, manner.dtype, manner.device), fake:
        result, error = watched(model, placed(model, call, copied), "fake", manner, made, before)
    if not manner.gradients and wants_gradients(error):
        return run_on_fakes(model, call, manner._replace(grad=True))
    left = made.alive()
    return replace(result, notes=(*result.notes, LEFT.format(left)) if left else result.notes), error


def real_run(model: nn.Module, call: Call, reason: str, manner: Manner = PLAIN) -> Trace:
    refuse_cast(model, manner.dtype, reason)
    with untouched(model), memory_told(f"running {type(model).__name__} on {call}", "try a smaller input"):
        result, error = watched(
            model, placed(model, call, torch.clone), "real", manner, Fakes(), found(model)
        )
    if not manner.gradients and wants_gradients(error):
        return real_run(model, call, reason, manner._replace(grad=True))
    return replace(result, fallback_reason=reason)


def refuse_cast(model: nn.Module, dtype: torch.dtype | None, reason: str) -> None:
    """Raise an error for a type that only a run on fakes can take, where the run must be real."""
    if dtype is not None:
        raise NNArchError(
            f"dtype is for a look without values, and {type(model).__name__} takes a real run ({reason}): "
            f"leave dtype out, or give model.to({dtype})"
        )
