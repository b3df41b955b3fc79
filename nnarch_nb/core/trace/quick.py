"""Runs the most frequent kernels on fakes by the short way.

Torch's fake mode asks at each kernel for symbols, constants, subclasses, fallbacks and its own cache, ten
times the cost of the kernel's own reckoning of shapes. For the plain kernels below, on plain fakes of one
device, all of it comes to the same: the kernel's meta form is run, once for each form of what it is given,
and its result said to be on the device.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode, in_kernel_invocation_manager
from torch.utils._python_dispatch import TorchDispatchMode

from nnarch_nb.core.trace.fakes import fake_from, unfilled
from nnarch_nb.core.trace.macs import result_of as stood_in
from nnarch_nb.core.trace.norms import in_half, with_means
from nnarch_nb.core.trace.workspace import NOTES, is_reckoned, with_notes

VIEW_UNSAID = torch.ops.aten._unsafe_view.default
DEVICE = torch.ops.prim.device.default
FAKE = torch._C._TorchDispatchModeKey.FAKE
NAMES = (
    # views
    "view.default", "_unsafe_view.default", "transpose.int", "permute.default", "expand.default",
    "slice.Tensor", "select.int", "t.default", "unsqueeze.default", "squeeze.dim", "detach.default",
    "alias.default", "split.Tensor", "unbind.int",
    # number by number
    "add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor", "add.Scalar", "mul.Scalar", "neg.default",
    "pow.Tensor_Scalar", "rsqrt.default", "exp.default", "cos.default", "sin.default", "relu.default",
    "gelu.default", "silu.default", "sigmoid.default", "tanh.default", "where.self", "clone.default",
    # sums and products
    "_softmax.default", "mean.dim", "sum.dim_IntList", "native_layer_norm.default", "cat.default",
    "mm.default", "addmm.default", "bmm.default",
)  # fmt: skip


def kernel_named(name: str) -> Any:
    packet, _, overload = name.partition(".")
    return getattr(getattr(torch.ops.aten, packet), overload)


QUICK = frozenset(map(kernel_named, NAMES))
# Shape, stride and type of what a kernel makes, by what it was given: many layers of a network are alike.
Form = tuple[tuple[int, ...], tuple[int, ...], torch.dtype]
FORMS: dict[Any, Form | tuple[Form, ...]] = {}
MOST_FORMS = 20_000


def quickly(kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what the kernel gives for these fakes; ``NotImplemented`` where torch's way must be taken."""
    mode: Any = torch._C._get_dispatch_mode(FAKE) if kernel in QUICK else None
    if mode is None or in_half(kernel, args) or (device := common_device(mode, args, kwargs)) is None:
        return NotImplemented
    out = run_on_meta(mode, kernel, args, kwargs) if is_view(kernel) else formed(mode, kernel, args, kwargs)
    if isinstance(out, Tensor):
        return fake_from(mode, out, device)
    return type(out)(fake_from(mode, each, device) for each in out)


def is_view(kernel: Any) -> bool:
    return kernel is VIEW_UNSAID or kernel.is_view


def run_on_meta(mode: FakeTensorMode, kernel: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    with in_kernel_invocation_manager(mode):
        return kernel(*args, **kwargs)


def formed(mode: FakeTensorMode, kernel: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Return tensors without memory of the form that the kernel gives, which is found out once."""
    key = (kernel, torch.get_default_dtype(), described(args), tuple(kwargs), described(kwargs.values()))
    form: Any = FORMS.get(key)
    if form is None:
        out = run_on_meta(mode, kernel, args, kwargs)
        if len(FORMS) < MOST_FORMS:
            FORMS[key] = form_of(out) if isinstance(out, Tensor) else tuple(map(form_of, out))
        return out
    if isinstance(form[-1], torch.dtype):
        return unfilled(*form)
    return tuple(unfilled(*each) for each in form)


def described(values: Any) -> tuple[Any, ...]:
    return tuple(
        form_of(value)
        if isinstance(value, Tensor)
        else described(value)
        if isinstance(value, (list, tuple))
        else (type(value), value)
        for value in values
    )


def form_of(tensor: Tensor) -> Form:
    return tuple(tensor.shape), tensor.stride(), tensor.dtype


def common_device(mode: FakeTensorMode, args: Any, kwargs: dict[str, Any]) -> torch.device | None:
    """Return the device all tensors given are on; None where one is not a plain fake of this run."""
    device = None
    for tensor in given(args):
        if type(tensor) is not FakeTensor or tensor.fake_mode is not mode or tensor.constant is not None:
            return None
        if (
            tensor.layout is not torch.strided
            or tensor.dtype.is_complex
            or device not in (None, tensor.fake_device)
        ):
            return None
        device = tensor.fake_device
    return None if any(isinstance(value, Tensor) for value in kwargs.values()) else device


def given(args: Any) -> Iterator[Tensor]:
    for arg in args:
        if isinstance(arg, Tensor):
            yield arg
        elif isinstance(arg, (list, tuple)):
            yield from (item for item in arg if isinstance(item, Tensor))


def result_of(kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run the kernel by the shortest way that gives the same."""
    out = quickly(kernel, args, kwargs)
    if out is NotImplemented:
        out = stood_in(kernel, args, kwargs)
    if kernel in NOTES:
        return with_notes(kernel, args, out)
    return with_means(kernel, args, out) if in_half(kernel, args) else out


class Quickly(TorchDispatchMode):
    """Runs the kernels of a network so, and sees nothing of them.

    ``reckoned`` once the memory of what one of them made was not measured but reckoned.
    """

    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()
        self.reckoned = False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        device = device_asked(func, args)
        if device is not None:
            return device
        self.reckoned = self.reckoned or is_reckoned(func, args)
        return result_of(func, args, kwargs or {})


def device_asked(kernel: Any, args: Any) -> torch.device | None:
    """Return the device of a fake if that is all that is asked, as it is several times for each kernel."""
    return args[0].fake_device if kernel is DEVICE and type(args[0]) is FakeTensor else None
