"""Sees each torch function a network's author wrote, and each kernel it came down to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch._subclasses.fake_tensor import FakeTensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from nnarch_nb.core.trace.flow import tensors_in
from nnarch_nb.core.trace.macs import has_formula, is_unknown, macs_of, result_of
from nnarch_nb.core.trace.watch import Watch
from nnarch_nb.core.trace.workspace import NOTES, with_notes

IN_PLACE_OPERATORS = {"setitem", "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul"}


aten = torch.ops.aten
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
        try:
            result = func(*args, **kwargs)
        except Exception as error:
            watch.failed = watch.stopped(error, function_name(func), args, kwargs)
            raise
        if watch.inside_opaque:
            return result
        name = function_name(func)
        written = args[0] if name == "setitem" else result
        if not tensors_in(written) or not any(
            watch.flow.source(tensor) is not None for tensor in tensors_in((args, kwargs))
        ):
            return result  # not about tensors, or about constants alone
        in_place = writes(func, name, kwargs)
        stepped = watch.step(
            "function", name, watch.path, (args, kwargs), written, watch.macs - macs_before, in_place
        )
        return result if name == "setitem" else stepped


def function_name(func: Callable[..., Any]) -> str:
    """Return the name a reader knows: ``add`` for ``__radd__``, ``T`` for the property of that name."""
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        return str(getattr(getattr(func, "__self__", None), "__name__", name))
    return name.strip("_") or name


def writes(func: Callable[..., Any], name: str, kwargs: dict[str, Any]) -> bool:
    """Whether a function changes its first argument, by torch's naming rules."""
    raw = getattr(func, "__name__", "")
    method = raw.endswith("_") and not raw.endswith("__")
    out = isinstance(kwargs.get("out"), Tensor)
    return method or out or name in IN_PLACE_OPERATORS or kwargs.get("inplace") is True


class CountMacs(TorchDispatchMode):
    """Adds up what the kernels cost, in whatever parts a function comes down to them."""

    supports_higher_order_operators = True

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if isinstance(func, OpOverload) and func.namespace != "prim" and not has_formula(func):
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        if func in SAME_TYPE:
            refuse_mixed_types(args)
        out = result_of(func, args, kwargs)
        if func in NOTES:
            out = with_notes(func, args, out)
        if is_unknown(func):
            self.watch.cannot_count(kernel_name(func))
        self.watch.macs += macs_of(func, args, kwargs, out)
        self.watch.fakes.note(out)
        self.watch.alive.note(func, out)
        return out


def kernel_name(func: Any) -> str:
    return str(getattr(func, "__name__", func)).partition(".")[0]


def refuse_mixed_types(args: Any) -> None:
    """Raise what torch raises on values when a product is given numbers of two types."""
    types = list(dict.fromkeys(str(arg.dtype) for arg in args if isinstance(arg, FakeTensor)))
    if len(types) > 1:
        raise RuntimeError(f"expected tensors of one dtype, but got: {' and '.join(types)}")
