"""When a run cannot do with fakes: what tells so beforehand, and in the error that a run on fakes raised."""

from __future__ import annotations

import torch
from torch import nn
from torch._subclasses import fake_tensor
from torch.nn.parameter import is_lazy

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace.flow import tensors_in
from nnarch_nb.core.trace.rows import is_quantized

NEEDS_VALUES = (
    fake_tensor.DataDependentOutputException,
    fake_tensor.DynamicOutputShapeException,
    fake_tensor.UnsupportedFakeTensorException,
    fake_tensor.UnsupportedOperatorException,
    NotImplementedError,
)
NEEDS_VALUES_WORDS = ("FakeTensor", "fake tensor", "numpy()", "data pointer", "data-dependent", "tolist")


def real_from_the_start(model: nn.Module, call: Call) -> str | None:
    """Return why the network must run on values; None where fakes are worth a try."""
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        return "lazy layers take their sizes from a real run"
    if any(map(is_quantized, model.modules())):
        return "quantized layers take a real run"
    if any(tensor.layout is not torch.strided for tensor in call.tensors):
        return "sparse inputs take a real run"
    return None


def has_no_values(model: nn.Module, call: Call) -> bool:
    """Whether there is nothing a real run could compute with."""
    return any(tensor.is_meta for tensor in (*model.parameters(), *call.tensors))


def needs_values(error: BaseException | None) -> bool:
    """Whether the run stopped because a fake has no values, not because the network is wrong."""
    while error is not None:
        if isinstance(error, NEEDS_VALUES) or any(word in str(error) for word in NEEDS_VALUES_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def wants_gradients(error: Exception | None) -> bool:
    """Whether the network differentiates in its forward run, as those of physics do."""
    return "does not require grad" in str(error)


def bare(error: Exception) -> Exception:
    """Return the error without what holds the tensors of the run: frames, and objects that it names."""
    for each in chained(error):
        each.__traceback__ = None
        if isinstance(each, AttributeError):
            each.obj = None
        each.args = tuple(str(arg) if tensors_in(arg) else arg for arg in each.args)
    return error


def chained(error: BaseException) -> list[BaseException]:
    """Return the error and those behind it."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if not any(each is other for other in found):
            found.append(each)
            waiting += [behind for behind in (each.__cause__, each.__context__) if behind is not None]
    return found


def error_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


def told_reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error_line(error)}"
