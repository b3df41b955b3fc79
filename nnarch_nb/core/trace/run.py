"""Runs a network once under watch: on fakes where it can be, on its real weights where it must."""

from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch._subclasses import fake_tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.parameter import is_lazy

from nnarch_nb.core.device import memory_told
from nnarch_nb.core.inputs import Call, made_from_shape
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.flow import shapes_in
from nnarch_nb.core.trace.leaks import Fakes
from nnarch_nb.core.trace.modes import CountMacs, SeeFunctions
from nnarch_nb.core.trace.record import Failure, Shape, Shapes, Trace
from nnarch_nb.core.trace.rows import bytes_in, is_quantized, numbers_in, rows_of, sizes_of
from nnarch_nb.core.trace.setting import deeper, evaluate, placed, quiet, unwrapped
from nnarch_nb.core.trace.shield import faked
from nnarch_nb.core.trace.watch import Watch, kind_of

# What is set for the whole process during a trace: the attention fast path, the logger, warnings.
LOCK = threading.RLock()
NEEDS_VALUES = (
    fake_tensor.DataDependentOutputException,
    fake_tensor.DynamicOutputShapeException,
    fake_tensor.UnsupportedFakeTensorException,
    fake_tensor.UnsupportedOperatorException,
    NotImplementedError,
)
NEEDS_VALUES_WORDS = ("FakeTensor", "fake tensor", "numpy()", "data pointer", "data-dependent", "tolist")
# A failure on fakes is confirmed by a real run where that costs little: a kernel may be stricter about
# fakes than about values, and torch's own words are the ones a person can look up.
CONFIRM_BYTES, CONFIRM_MACS = 2**28, 10**9
MADE_UP = "On made-up values (zeros) it fails: {}. Give a sample of your own to know."
LEFT = (
    "{} tensors without values stay where the network's code put them and cannot be taken back: "
    "make the network anew before a real run."
)


def trace(model: nn.Module, call: Call, confirm: bool = False) -> Trace:
    """Run the network once and return what it did; the network is left as it was.

    Parameters
    ----------
    model
        Any network; the one within a ``DataParallel`` or compiled wrapper is looked at. It runs in
        evaluation mode, so that one sample is enough for batch normalization.
    call
        Its arguments.
    confirm
        After a good run on fakes, run on values too where that costs little: an index may be out of range.

    Returns
    -------
    Trace
        With ``failure`` set if the forward run raised; the trace itself does not raise.
    """
    model = unwrapped(model)
    with LOCK, quiet(), deeper(model):
        if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
            return real_run(model, call, "lazy layers take their sizes from a real run")
        if any(map(is_quantized, model.modules())):
            return real_run(model, call, "quantized layers take a real run")
        if any(tensor.layout is not torch.strided for tensor in call.tensors):
            return real_run(model, call, "sparse inputs take a real run")
        first, error = fake_run(model, call)
        if any(tensor.is_meta for tensor in (*model.parameters(), *call.tensors)):
            return first
        if error is None:
            worth = confirm and is_cheap(first, call) and not (first.notes or first.failure)
            return tested(model, call, first) if worth else first
        if needs_values(error):
            return real_run(model, call, f"{type(error).__name__}: {error_line(error)}")
        return confirmed(model, call, first, error)


def confirmed(model: nn.Module, call: Call, first: Trace, error: Exception) -> Trace:
    """Return the failed trace with torch's own message, or the real run where that does not fail."""
    if not is_cheap(first, call):
        return first
    second = real_run(model, call, f"only fake tensors failed: {type(error).__name__}: {error_line(error)}")
    if first.failure and second.failure and first.failure.path == second.failure.path:
        return replace(first, failure=second.failure)
    return second


def is_cheap(first: Trace, call: Call) -> bool:
    needed = first.weights_bytes + sum(t.numel() * t.element_size() for t in call.tensors)
    return needed <= CONFIRM_BYTES and first.macs <= CONFIRM_MACS and not first.uncounted


def tested(model: nn.Module, call: Call, first: Trace) -> Trace:
    """Return the good trace, confirmed, or the run on values if that one fails."""
    second = real_run(model, call, "a run without values reached its end")
    if second.failure is None:
        return replace(first, confirmed=True)
    if made_from_shape(call) and not second.failure.is_inherent:
        return replace(first, notes=(MADE_UP.format(second.failure.message.rstrip(".")),))
    return second


def fake_run(model: nn.Module, call: Call, grad: bool = False) -> tuple[Trace, Exception | None]:
    fake, made = FakeTensorMode(allow_non_fake_inputs=True), Fakes()
    with faked(model, fake, made), fake:
        result, error = watched(model, placed(model, call, fake.from_tensor), "fake", grad, made)
    if not grad and wants_gradients(error):
        return fake_run(model, call, True)
    left = made.alive()
    return replace(result, notes=(LEFT.format(left),) if left else ()), error


def real_run(model: nn.Module, call: Call, reason: str, grad: bool = False) -> Trace:
    with untouched(model), memory_told(f"running {type(model).__name__} on {call}", "try a smaller input"):
        result, error = watched(model, placed(model, call, torch.clone), "real", grad, Fakes())
    if not grad and wants_gradients(error):
        return real_run(model, call, reason, True)
    return replace(result, fallback_reason=reason)


def wants_gradients(error: Exception | None) -> bool:
    """Whether the network differentiates in its forward run, as those of physics do."""
    return "does not require grad" in str(error)


def watched(
    model: nn.Module, call: Call, mode: Literal["fake", "real"], grad: bool, made: Fakes
) -> tuple[Trace, Exception | None]:
    # Named before the run: what a forward run adds to the network is not yet part of it.
    modules = dict(model.named_modules())
    watch = Watch({id(module): path for path, module in modules.items()}, fakes=made)
    evaluate(model)
    failure = raised = output = None
    returned = ""
    with torch.set_grad_enabled(grad), watch.hooked(model):
        watch.begin_flow(call.args, call.kwargs)
        try:
            with CountMacs(watch), SeeFunctions(watch):
                # In a context of its own, so that what it sets there is gone with it.
                result = copy_context().run(model, *call.args, **call.kwargs)
        except Exception as error:
            failure, raised = watch.failure(error, model), bare(error)
        else:
            watch.end_flow(result)
            shapes = shapes_in(result)
            output = shapes[0] if isinstance(result, Tensor) else shapes
            returned = kind_of_result(result)
            failure = None if shapes else nothing(model, call, result)
    return recorded(modules, watch, output, returned, mode, failure), raised


def recorded(
    modules: dict[str, nn.Module],
    watch: Watch,
    output: Shape | Shapes | None,
    returned: str,
    mode: Literal["fake", "real"],
    failure: Failure | None,
) -> Trace:
    sizes = sizes_of(modules)
    whole = sizes[""]
    buffers = {id(buffer): buffer for module in modules.values() for buffer in module.buffers(recurse=False)}
    return Trace(
        rows=rows_of(modules, sizes, watch.seen),
        operations=tuple(watch.operations),
        edges=tuple(watch.edges),
        params=numbers_in(whole.all),
        trainable=numbers_in(whole.trainable),
        buffers=numbers_in(buffers),
        weights_bytes=bytes_in(whole.all) + bytes_in(buffers),
        macs=watch.macs,
        output=output,
        returned=returned,
        mode=mode,
        uncounted=tuple(watch.uncounted),
        failure=failure,
        peak_activation_bytes=watch.alive.peak if watch.alive.complete and failure is None else None,
    )


def kind_of_result(result: Any) -> str:
    if isinstance(result, Tensor):
        return "tensor"
    return "logits" if isinstance(getattr(result, "logits", None), Tensor) else type(result).__name__


def nothing(model: nn.Module, call: Call, result: Any) -> Failure:
    """Return what is wrong with a result that holds no tensor."""
    message = f"it returns {'None' if result is None else f'a {type(result).__name__}'} and no tensor"
    return Failure("", kind_of(model), shapes_in((call.args, call.kwargs)), None, message, "RuntimeError")


def bare(error: Exception) -> Exception:
    """Return the error without the frames it came through, which hold the tensors of the run."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, Exception):
        bare(cause)
    if isinstance(error, AttributeError):
        error.obj = None  # what lacks the attribute may hold tensors
    return error.with_traceback(None)


def needs_values(error: BaseException | None) -> bool:
    """Whether the run stopped because a fake has no values, not because the network is wrong."""
    while error is not None:
        if isinstance(error, NEEDS_VALUES) or any(word in str(error) for word in NEEDS_VALUES_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def error_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
