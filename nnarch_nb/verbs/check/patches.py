"""Changes held in place for one trial: of inputs, of what a layer or function gets, of a layer's settings.

A patch is called with the network and the call, gives the call to try, and takes itself back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.trace.flow import shapes_in
from nnarch_nb.core.trace.modes import function_name
from nnarch_nb.verbs.check.finding import Sizes, layer_at

Patch = Callable[[nn.Module, Call], AbstractContextManager[Call]]
Change = Callable[[torch.Tensor], torch.Tensor]
Given = tuple[tuple[Any, ...], dict[str, Any]]


def entering(path: str, change: Callable[[tuple[Any, ...], dict[str, Any]], Given]) -> Patch:
    """Return a patch that changes the arguments of a layer."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        def hook(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Given:
            return change(args, kwargs)

        handle = layer_at(model, path).register_forward_pre_hook(hook, with_kwargs=True)
        try:
            yield call
        finally:
            handle.remove()

    return patch


def before(path: str, change: Callable[[Any], Any]) -> Patch:
    """Return a patch that sends the layer's first input through ``change``."""
    return entering(path, lambda args, kwargs: ((change(args[0]), *args[1:]), kwargs))


def leaving(path: str, change: Callable[[Any], Any]) -> Patch:
    """Return a patch that sends the layer's result through ``change``."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        handle = layer_at(model, path).register_forward_hook(lambda _, args, result: change(result))
        try:
            yield call
        finally:
            handle.remove()

    return patch


def with_inputs(change: Change, only: torch.Tensor | None = None) -> Patch:
    """Return a patch that changes the tensors of the call, or one of them alone."""

    def changed(value: Any) -> Any:
        meant = isinstance(value, torch.Tensor) and (only is None or value is only)
        return change(value) if meant else value

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        args = tuple(map(changed, call.args))
        yield Call(args, {name: changed(value) for name, value in call.kwargs.items()})

    return patch


def instead(path: str, other: nn.Module) -> Patch:
    """Return a patch that puts another layer in the place of one; the network itself changes its contents."""
    parent, _, name = path.rpartition(".")

    def patch(model: nn.Module, call: Call) -> AbstractContextManager[Call]:
        if not path:
            return swapped(vars(model), vars(other), call)
        return swapped(layer_at(model, parent)._modules, {name: other}, call)

    return patch


def setting(path: str, values: dict[str, Any]) -> Patch:
    """Return a patch that sets plain attributes of a layer."""
    return lambda model, call: swapped(vars(layer_at(model, path)), values, call)


def holding(path: str, name: str, tensor: torch.Tensor) -> Patch:
    """Return a patch that puts another tensor in the place of a parameter, a buffer or a plain attribute."""

    def patch(model: nn.Module, call: Call) -> AbstractContextManager[Call]:
        layer = layer_at(model, path)
        table = next((t for t in (layer._parameters, layer._buffers) if name in t), vars(layer))
        value = nn.Parameter(tensor, requires_grad=False) if table is layer._parameters else tensor
        return swapped(table, {name: value}, call)

    return patch


@contextmanager
def swapped(table: dict[str, Any], values: dict[str, Any], call: Call) -> Iterator[Call]:
    """Hold other values in a dict for a while; its order stays."""
    kept = dict(table)
    try:
        table.update(values)
        yield call
    finally:
        table.clear()
        table.update(kept)


def function(name: str, shapes: tuple[Sizes, ...], change: Callable[..., Any]) -> Patch:
    """Return a patch of a torch function where it gets these shapes: ``change(func, args, kwargs)``."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        with Rewrites(name, shapes, change):
            yield call

    return patch


class Rewrites(TorchFunctionMode):
    """Calls ``change`` in the place of one function, on the shapes that it is meant for."""

    def __init__(self, name: str, shapes: tuple[Sizes, ...], change: Callable[..., Any]) -> None:
        super().__init__()
        self.name, self.shapes, self.change = name, shapes, change

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if function_name(func) == self.name and shapes_in((args, kwargs)) == self.shapes:
            return self.change(func, args, kwargs)
        return func(*args, **kwargs)


def operand(name: str, shapes: tuple[Sizes, ...], which: int, change: Change) -> Patch:
    """Return a patch that changes one of the tensors that a torch function gets, counted in order."""

    def changed(func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        counter = iter(range(len(shapes)))

        def one(value: Any) -> Any:
            if isinstance(value, torch.Tensor):
                return change(value) if next(counter, None) == which else value
            return type(value)(map(one, value)) if isinstance(value, (list, tuple)) else value

        return func(*one(tuple(args)), **{key: one(value) for key, value in kwargs.items()})

    return function(name, shapes, changed)


def all_of(*patches: Patch) -> Patch:
    """Return a patch that holds several in place at once."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        with ExitStack() as stack:
            for one in patches:
                call = stack.enter_context(one(model, call))
            yield call

    return patch


def renamed(old: str, new: str | None) -> Patch:
    """Return a patch that gives a keyword argument another name, or leaves it out."""

    @contextmanager
    def patch(model: nn.Module, call: Call) -> Iterator[Call]:
        kept = {key: value for key, value in call.kwargs.items() if key != old}
        more = {} if new is None else {new: call.kwargs[old]}
        yield replace(call, kwargs=kept | more)

    return patch


def as_number(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return x.to(dtype) if x.is_floating_point() else x


def zeros_of(sample: Sizes) -> Change:
    return lambda x: x.new_zeros(len(x), *sample)
