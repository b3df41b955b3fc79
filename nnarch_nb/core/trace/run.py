"""Runs a network once under watch: on fakes where it can be, on its real weights where it must."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch._subclasses import fake_tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.parameter import is_lazy
from torch.utils import _pytree as pytree

from nnarch_nb.core.device import device_of, memory_told
from nnarch_nb.core.inputs import Call
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.flow import shapes_in
from nnarch_nb.core.trace.modes import CountMacs, SeeFunctions
from nnarch_nb.core.trace.record import Failure, Shape, Shapes, Trace
from nnarch_nb.core.trace.rows import bytes_in, numbers_in, rows_of, sizes_of
from nnarch_nb.core.trace.shield import faked
from nnarch_nb.core.trace.watch import Watch

# What is set for the whole process during a trace: the attention fast path, the logger, warnings.
LOCK = threading.RLock()
FRAMES_PER_MODULE = 6
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


def trace(model: nn.Module, call: Call) -> Trace:
    """Run the network once and return what it did; the network is left as it was.

    Parameters
    ----------
    model
        Any network; the one within a ``DataParallel`` or compiled wrapper is looked at. It runs in
        evaluation mode, so that one sample is enough for batch normalization.
    call
        Its arguments.

    Returns
    -------
    Trace
        With ``failure`` set if the forward run raised; the trace itself does not raise.
    """
    model = unwrapped(model)
    with LOCK, quiet(), deeper(model):
        if any(map(is_lazy, model.parameters())):
            return real_run(model, call, "lazy layers take their sizes from a real run")
        first, error = fake_run(model, call)
        if error is None or any(tensor.is_meta for tensor in model.parameters()):
            return first
        if needs_values(error):
            return real_run(model, call, f"{type(error).__name__}: {error_line(error)}")
        return confirmed(model, call, first, error)


def confirmed(model: nn.Module, call: Call, first: Trace, error: Exception) -> Trace:
    """Return the failed trace with torch's own message, or the real run where that does not fail."""
    needed = first.weights_bytes + sum(t.numel() * t.element_size() for t in call.tensors)
    if needed > CONFIRM_BYTES or first.macs > CONFIRM_MACS:
        return first
    second = real_run(model, call, f"only fake tensors failed: {type(error).__name__}: {error_line(error)}")
    if first.failure and second.failure and first.failure.path == second.failure.path:
        return replace(first, failure=second.failure)
    return second


def fake_run(model: nn.Module, call: Call) -> tuple[Trace, Exception | None]:
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    with faked(model, fake), fake:
        return watched(model, placed(model, call, fake.from_tensor), "fake")


def real_run(model: nn.Module, call: Call, reason: str) -> Trace:
    with untouched(model), memory_told(f"running {type(model).__name__} on {call}", "try a smaller input"):
        result, _ = watched(model, placed(model, call, torch.clone), "real")
    return replace(result, fallback_reason=reason)


def watched(model: nn.Module, call: Call, mode: Literal["fake", "real"]) -> tuple[Trace, Exception | None]:
    # Named before the run: what a forward run adds to the network is not yet part of it.
    modules = dict(model.named_modules())
    watch = Watch({id(module): path for path, module in modules.items()})
    evaluate(model)
    failure = raised = output = None
    with torch.no_grad(), watch.hooked(model):
        watch.begin_flow(call.args, call.kwargs)
        try:
            with CountMacs(watch), SeeFunctions(watch):
                result = model(*call.args, **call.kwargs)
        except Exception as error:
            raised, failure = error, watch.failure(error, model)
        else:
            watch.end_flow(result)
            shapes = shapes_in(result)
            output = shapes[0] if isinstance(result, Tensor) else shapes
    return recorded(modules, watch, output, mode, failure), raised


def recorded(
    modules: dict[str, nn.Module],
    watch: Watch,
    output: Shape | Shapes | None,
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
        mode=mode,
        failure=failure,
    )


def evaluate(model: nn.Module) -> None:
    """Set evaluation mode without calling ``train``, which a network may have made its own."""
    for module in model.modules():
        if isinstance(module, torch.jit.ScriptModule):
            module.eval()
        else:
            module.training = False


def placed(model: nn.Module, call: Call, copy: Callable[[Tensor], Tensor]) -> Call:
    """Return the call with copies of its tensors, on the network's device if they were made by us."""
    device = device_of(model) if call.sample is not None else None

    def place(tensor: Tensor) -> Tensor:
        own = copy(tensor)
        if 0 in own.stride():  # one value seen from everywhere cannot be written to
            own = own.contiguous()
        return own if device is None else own.to(device)

    args, kwargs = pytree.tree_map_only(Tensor, place, (call.args, call.kwargs))
    return replace(call, args=args, kwargs=kwargs)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the network inside the wrappers that run it on several devices or compiled."""
    inner = dict(model.named_children()).get("_orig_mod")
    if isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
        inner = model.module
    return model if inner is None else unwrapped(inner)


def needs_values(error: BaseException | None) -> bool:
    """Whether the run stopped because a fake has no values, not because the network is wrong."""
    while error is not None:
        if isinstance(error, NEEDS_VALUES) or any(word in str(error) for word in NEEDS_VALUES_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def error_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep torch's remarks about fakes to itself, and attention on the path whose cost is known."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    silent, fast = logger.disabled, torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        if "torch._dynamo" in sys.modules:  # asking for it would import it
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        try:
            logger.disabled = True
            torch.backends.mha.set_fastpath_enabled(False)
            yield
        finally:
            logger.disabled = silent
            torch.backends.mha.set_fastpath_enabled(fast)


@contextmanager
def deeper(model: nn.Module) -> Iterator[None]:
    """Allow as many more frames as watching a deeply nested network needs."""
    depth = max(path.count(".") + 1 for path, _ in model.named_modules())
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + FRAMES_PER_MODULE * depth)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
