"""One watched forward run, and the trace made of what was seen."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace.fallback import bare
from nnarch_nb.core.trace.flow import shapes_in
from nnarch_nb.core.trace.given import Found
from nnarch_nb.core.trace.leaks import Fakes
from nnarch_nb.core.trace.modes import CountMacs, SeeFunctions
from nnarch_nb.core.trace.record import Failure, Shape, Shapes, Trace
from nnarch_nb.core.trace.rows import bytes_in, numbers_in, rows_of, sizes_of
from nnarch_nb.core.trace.seen import kind_of
from nnarch_nb.core.trace.setting import Manner, set_mode, untrained_note
from nnarch_nb.core.trace.watch import Watch


def watched(
    model: nn.Module,
    call: Call,
    mode: Literal["fake", "real"],
    manner: Manner,
    made: Fakes,
    before: Found,
) -> tuple[Trace, Exception | None]:
    # Named before the run: what a forward run adds to the network is not yet part of it.
    modules = dict(model.named_modules())
    watch = Watch({id(module): path for path, module in modules.items()}, fakes=made)
    watch.constants.begin(modules, before)
    set_mode(model, manner.training)
    failure = raised = output = None
    returned = ""
    with torch.set_grad_enabled(manner.gradients), watch.hooked(model):
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
    return recorded(modules, before, watch, output, returned, mode, failure), raised


def recorded(
    modules: dict[str, nn.Module],
    before: Found,
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
        rows=rows_of(modules, sizes, watch.seen, before),
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
        notes=untrained_note(watch.untrained),
        failure=failure,
        peak_activation_bytes=watch.alive.peak if watch.alive.complete and failure is None else None,
    )


def kind_of_result(result: Any) -> str:
    if isinstance(result, Tensor):
        return "tensor"
    return "logits" if isinstance(getattr(result, "logits", None), Tensor) else type(result).__name__


def nothing(model: nn.Module, call: Call, result: Any) -> Failure:
    """Return what is wrong with a result that holds no tensor."""
    kind = type(result).__name__
    one = f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
    message = f"it returns {'None' if result is None else one} and no tensor"
    return Failure("", kind_of(model), shapes_in((call.args, call.kwargs)), None, message, "RuntimeError")
