"""Sees each torch function a network's author wrote, and each kernel it came down to."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch._subclasses.fake_tensor import FakeTensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from nnarch_nb.core.trace.flow import NO_PARTS, tensors_in
from nnarch_nb.core.trace.macs import has_formula, is_unknown, macs_of
from nnarch_nb.core.trace.quick import device_asked, result_of
from nnarch_nb.core.trace.watch import Watch
from nnarch_nb.core.trace.windows import is_told, mixing

IN_PLACE_OPERATORS = {"setitem", "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul"}


aten = torch.ops.aten
NO_TENSOR = (NO_PARTS - {type(None)}) | {torch.Size, torch.layout}  # an assignment gives None
# On fakes these take integers with floats, which they refuse on values.
SAME_TYPE = {
    aten.mm.default, aten.addmm.default, aten.bmm.default, aten.baddbmm.default, aten.mv.default,
    aten.dot.default, aten.convolution.default,
}  # fmt: skip


class SeeFunctions(TorchFunctionMode):
    """Notes functions at the level users write them: ``+``, ``cat``, ``F.relu``, ``x[0] = y``."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        watch, macs_before = self.watch, self.watch.macs
        if not watch.inside_opaque:
            watch.mixings.clear()
        try:
            result = self.called(func, args, kwargs)
        except Exception as error:
            watch.failed = watch.stopped(error, function_name(func), args, kwargs)
            raise
        if watch.inside_opaque or type(result) in NO_TENSOR:
            return result
        name = function_name(func)
        written, given = args[0] if name == "setitem" else result, (args, kwargs)
        made, inputs = tensors_in(written), tensors_in(given)
        if not made:
            return result  # not about tensors
        in_place = writes(func, name, kwargs)
        if not any(watch.flow.source(tensor) is not None for tensor in inputs):
            note = watch.constants.wrote if in_place else watch.constants.computed
            note(name, given, inputs, made)
            return result
        stepped = watch.step("function", name, watch.path, given, written, watch.macs - macs_before, in_place)
        return result if name == "setitem" else stepped

    def called(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        return func(*args, **kwargs)


def function_name(func: Callable[..., Any]) -> str:
    """Return the name a reader knows: ``add`` for ``__radd__``, ``T`` for the property of that name."""
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        return str(getattr(getattr(func, "__self__", None), "__name__", name))
    return name.partition(".")[0].strip("_") or name


def writes(func: Callable[..., Any], name: str, kwargs: dict[str, Any]) -> bool:
    """Whether a function changes its first argument, by torch's naming rules."""
    raw = getattr(func, "__name__", "")
    method = raw.endswith("_") and not raw.endswith("__")
    out = isinstance(kwargs.get("out"), Tensor)
    return method or out or name in IN_PLACE_OPERATORS or kwargs.get("inplace") is True


class Kernel(NamedTuple):
    """What is asked about a kernel at each of its calls."""

    composite: bool
    one_type: bool
    counted: bool
    unknown: bool


@lru_cache(4096)
def about(func: Any) -> Kernel:
    counted = has_formula(func)
    return Kernel(
        composite=not counted and isinstance(func, OpOverload) and is_composite(func),
        one_type=func in SAME_TYPE,
        counted=counted,
        unknown=is_unknown(func),
    )


def is_composite(func: OpOverload) -> bool:
    """Whether a function is made of kernels, which torch hands over whole in inference mode."""
    whole = torch._C.DispatchKey.CompositeImplicitAutograd
    made = whole in func.py_kernels or torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), whole)
    return made and func.namespace != "prim"


class CountMacs(TorchDispatchMode):
    """Adds up what the kernels cost, in whatever parts a function comes down to them."""

    supports_higher_order_operators = True

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # it never compiles, and the wrapper that would see to it costs time at each kernel

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        device = device_asked(func, args)
        if device is not None:
            return device
        kwargs, kernel = kwargs or {}, about(func)
        if kernel.composite:
            return self.taken_apart(func, args, kwargs)
        if kernel.one_type:
            refuse_mixed_types(args)
        out = result_of(func, args, kwargs)
        self.note(func, kernel, args, kwargs, out)
        return out

    def taken_apart(self, func: Any, args: Any, kwargs: Any) -> Any:
        before = len(self.watch.mixings)
        with self:
            out = func.decompose(*args, **kwargs)
        if is_told(func):
            del self.watch.mixings[before:]
            self.note_mixing(func, args, out)
        return out

    def note_mixing(self, func: Any, args: Any, out: Any) -> None:
        mixed = mixing(func, args, out)
        if mixed is not None:
            self.watch.mixings.append(mixed)

    def note(self, func: Any, kernel: Kernel, args: Any, kwargs: Any, out: Any) -> None:
        if kernel.unknown:
            self.watch.cannot_count(kernel_name(func))
        if kernel.counted:
            self.watch.macs += macs_of(func, args, kwargs, out)
        self.note_mixing(func, args, out)
        self.watch.fakes.note(out)
        self.watch.alive.note(func, out)


def kernel_name(func: Any) -> str:
    return str(getattr(func, "__name__", func)).partition(".")[0]


def refuse_mixed_types(args: Any) -> None:
    """Raise what torch raises on values when a product is given numbers of two types."""
    types = list(dict.fromkeys(str(arg.dtype) for arg in args if isinstance(arg, FakeTensor)))
    if len(types) > 1:
        raise RuntimeError(f"expected tensors of one dtype, but got: {' and '.join(types)}")
