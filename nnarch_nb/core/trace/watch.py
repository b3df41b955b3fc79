"""Notes what runs: which module is running, what it got and gave, and the operations between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.utils.hooks import RemovableHandle

from nnarch_nb.core.trace.alive import Alive
from nnarch_nb.core.trace.authors import helper_running
from nnarch_nb.core.trace.flow import Flow, shape_of, shapes_in, tensors_in
from nnarch_nb.core.trace.given import Constants, constants_of, words
from nnarch_nb.core.trace.leaks import Fakes
from nnarch_nb.core.trace.record import Edge, Failure, Mixing, Operation, Shape, Shapes
from nnarch_nb.core.trace.seen import Failed, Running, Seen, is_opaque, kind_of
from nnarch_nb.core.trace.setting import cannot_train
from nnarch_nb.core.trace.stopped import all_given, failure_in, plain


@dataclass
class Watch:
    """Everything noted during one run.

    ``paths`` names the modules by their ``id``; what another thread does with them is not noted.
    """

    paths: dict[int, str]
    seen: dict[str, Seen] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    flow: Flow = field(default_factory=Flow)
    macs: int = 0
    fakes: Fakes = field(default_factory=Fakes)
    alive: Alive = field(default_factory=Alive)
    uncounted: dict[str, None] = field(default_factory=dict)
    failed: Failed | None = None
    untrained: list[str] = field(default_factory=list)
    mixings: list[Mixing] = field(default_factory=list)
    constants: Constants = field(default_factory=Constants)
    thread: int = field(default_factory=threading.get_ident)

    @property
    def inside_opaque(self) -> bool:
        return bool(self.running) and self.running[-1].opaque

    @property
    def path(self) -> str:
        return self.running[-1].path if self.running else ""

    @contextmanager
    def hooked(self, model: nn.Module) -> Iterator[None]:
        """Be told when each module begins and ends."""
        with ExitStack() as handles:
            for module in model.modules():
                for handle in self.hooks_on(module):
                    handles.callback(handle.remove)
            yield

    def hooks_on(self, module: nn.Module) -> list[RemovableHandle]:
        if not isinstance(module, torch.jit.ScriptModule):
            return [
                module.register_forward_pre_hook(self.begin, with_kwargs=True),
                module.register_forward_hook(self.end, with_kwargs=True),
            ]

        # A script takes no hooks of its own, so those of all modules look out for it.
        def begin(other: nn.Module, args: Any) -> None:
            if other is module:
                self.begin(module, args, {})

        def end(other: nn.Module, args: Any, result: Any) -> Any:
            return self.end(module, args, {}, result) if other is module else None

        return [register_module_forward_pre_hook(begin), register_module_forward_hook(end)]

    def begin(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() == self.thread:
            with torch._C.DisableTorchFunction():  # what is asked of tensors here is no step of the network
                self.begun(module, args, kwargs)

    def end(self, module: nn.Module, args: Any, kwargs: Any, result: Any) -> Any:
        if threading.get_ident() != self.thread:
            return None
        with torch._C.DisableTorchFunction():
            return self.ended(module, args, kwargs, result)

    def begun(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        path, tensors = self.paths.get(id(module), ""), tensors_in((args, kwargs))
        inputs = tuple(map(shape_of, tensors))
        if cannot_train(module, tensors):
            module.training = False
            self.untrained.append(path)
        earlier = self.seen.setdefault(path, Seen(len(self.seen), inputs)).calls
        opaque = self.inside_opaque or is_opaque(module)
        if not self.inside_opaque:
            self.mixings.clear()
        self.running.append(Running(module, path, opaque, inputs, self.macs, earlier, args))

    def ended(self, module: nn.Module, args: Any, kwargs: Any, result: Any) -> Any:
        # A module whose error its parent caught never ended: it leaves with the parent.
        while (ended := self.running.pop()).module is not module:
            pass
        seen, macs = self.seen[ended.path], self.macs - ended.macs_before
        seen.calls += 1
        seen.macs += macs
        seen.outputs = seen.outputs or shapes_in(result)
        if ended.opaque and not self.inside_opaque:
            in_place = bool(getattr(module, "inplace", False))
            return self.step("module", kind_of(module), ended.path, (args, kwargs), result, macs, in_place)
        return None

    def cannot_count(self, kernel: str) -> None:
        """Note that the cost of what runs now is not known."""
        self.uncounted[kernel] = None
        for running in self.running:
            self.seen[running.path].counted = False

    def step(
        self,
        kind: Literal["module", "function"],
        name: str,
        path: str,
        given: Any,
        result: Any,
        macs: int,
        in_place: bool,
    ) -> Any:
        """Note one operation with the edges that lead to it; return the result to go on with."""
        inputs = tensors_in(given)
        if isinstance(result, Tensor) and not in_place and any(result is tensor for tensor in inputs):
            # Dropout in evaluation returns its input itself; a name of its own keeps the two apart.
            result = torch.ops.aten.alias(result) if torch.is_grad_enabled() else result.detach()
        size = sum(tensor.numel() * tensor.element_size() for tensor in tensors_in(result))
        operation = self.add(kind, name, path, shapes_in(result), macs, int(size))
        self.note_given(operation, name, given, inputs)
        self.link(inputs, operation)
        for tensor in tensors_in(result):
            self.flow.made(tensor, operation)
            if in_place:
                self.flow.wrote(tensor, operation)
        return result

    def add(self, kind: Any, name: str, path: str, shapes: Shapes, macs: int = 0, size: int = 0) -> int:
        repeats = tuple((r.path, r.earlier) for r in self.running if r.earlier)
        helper = helper_running() if kind == "function" else ""
        number = len(self.operations)
        mixings, self.mixings = tuple(self.mixings), []
        step = Operation(number, kind, name, path, shapes, macs, repeats, helper, size, mixings)
        self.operations.append(step)
        return len(self.operations) - 1

    def note_given(self, operation: int, name: str, given: Any, inputs: list[Tensor]) -> None:
        said, sources = words(name, given), [self.flow.source(tensor) for tensor in inputs]
        constant = tuple(constants_of(self.constants, inputs, sources))
        self.operations[operation] = replace(
            self.operations[operation], arguments=said.text, index=said.indices, constants=constant
        )

    def link(self, tensors: list[Tensor], target: int) -> None:
        for place, tensor in enumerate(tensors):
            source = self.flow.source(tensor)
            if source is not None and source != target:
                self.edges.append(Edge(source, target, tuple(map(int, tensor.shape)), place))

    def begin_flow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        named = [("input", value) for value in args] + list(kwargs.items())
        for name, value in named:
            for tensor in tensors_in(value):
                self.flow.made(tensor, self.add("input", name, "", shapes_in(tensor)))

    def end_flow(self, result: Any) -> None:
        self.link(tensors_in(result), self.add("output", "output", "", shapes_in(result)))

    def failure(self, error: Exception, model: nn.Module) -> Failure:
        """Return where the run stopped; what was running then is still on the list."""
        last = self.running[-1] if self.running else Running(model, "", False, (), 0)
        failed = self.failed if self.failed and self.failed.error is error else None
        return failure_in(last, failed, error, self.origin)

    def stopped(self, error: Exception, name: str, args: Any, kwargs: Any) -> Failed:
        """Return what is known of a function that raised."""
        values = (*plain(tuple(args)), *plain(tuple(kwargs.values())))
        tensors = all_given((args, kwargs), self.origin)
        return Failed(error, name, self.operands((args, kwargs)), tensors, values)

    def operands(self, given: Any) -> tuple[tuple[Shape, str], ...]:
        """Return the shapes of tensors given, weights aside, each with the step that made it."""
        tensors = [tensor for tensor in tensors_in(given) if not isinstance(tensor, nn.Parameter)]
        return tuple((shapes_in(tensor)[0], self.origin(tensor)) for tensor in tensors)

    def origin(self, tensor: Tensor) -> str:
        source = self.flow.source(tensor)
        step = None if source is None else self.operations[source]
        return "" if step is None else step.path if step.kind == "module" else step.name
