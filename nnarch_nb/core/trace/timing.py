"""How long each step of a network takes, on its real weights and with as little watching as possible."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.device import device_of, memory_told
from nnarch_nb.core.inputs import Call
from nnarch_nb.core.options import require_whole
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.fallback import has_no_values, told_reason, wants_gradients
from nnarch_nb.core.trace.modes import SeeFunctions
from nnarch_nb.core.trace.setting import deeper, placed, quiet, set_mode, unwrapped
from nnarch_nb.core.trace.watch import Watch
from nnarch_nb.core.turns import LOCK
from nnarch_nb.errors import NNArchError


def seconds_by_operation(model: nn.Module, call: Call, repeats: int = 5) -> dict[int, float]:
    """Return the median time of each operation of a forward run; the network is left as it was.

    Parameters
    ----------
    model
        It runs as in evaluation, without gradients unless it differentiates itself.
    call
        Its arguments.
    repeats
        How often it runs, after one run that does not count.

    Returns
    -------
    dict
        Seconds by the ids that the operations have in the trace of the same network and call; what is given
        and returned has none.

    Raises
    ------
    NNArchError
        The network has no values to run with, its forward run fails, or it takes other steps each time.

    Notes
    -----
    The clock runs while a layer or function runs, not while its dataflow is noted. On an accelerator each
    operation is waited for, so that the sum is more than a run that is not watched takes.

    Examples
    --------
    >>> from nnarch_nb.core.inputs import as_call
    >>> times = seconds_by_operation(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), as_call((4,)))
    >>> sorted(times), all(seconds > 0 for seconds in times.values())
    ([1, 2], True)
    """
    model, repeats = unwrapped(model), require_whole("repeats", repeats, 1)
    if has_no_values(model, call):
        raise NNArchError(
            f"{type(model).__name__} is on the meta device and has no values to run with: "
            "load its weights to measure time"
        )
    advice = memory_told(f"timing {type(model).__name__} on {call}", "try a smaller input")
    with LOCK, quiet(), deeper(model), untouched(model), advice:
        set_mode(model, training=False)
        try:
            runs = timed_runs(model, call, repeats)
        except Exception as error:
            if isinstance(error, (NNArchError, MemoryError, torch.OutOfMemoryError)):
                raise
            raise NNArchError(f"the run to measure time fails: {told_reason(error)}") from error
    if any(run.steps != runs[0].steps for run in runs):
        raise NNArchError(f"{type(model).__name__} takes other steps each time: its steps cannot be timed")
    return {number: median(run.seconds[number] for run in runs) for number in runs[0].seconds}


def timed_runs(model: nn.Module, call: Call, repeats: int) -> list[Clocks]:
    """Return what the clocks showed, without the first run."""
    try:
        timed(model, call, grad=False)
        grad = False
    except RuntimeError as error:
        if not wants_gradients(error):
            raise
        grad = True
        timed(model, call, grad)
    return [timed(model, call, grad) for _ in range(repeats)]


def timed(model: nn.Module, call: Call, grad: bool) -> Clocks:
    clocks = Clocks({id(module): path for path, module in model.named_modules()}, clock=clock_for(model))
    given = placed(model, call, torch.clone)
    with torch.set_grad_enabled(grad), clocks.hooked(model):
        clocks.begin_flow(given.args, given.kwargs)
        with TimeFunctions(clocks):
            copy_context().run(model, *given.args, **given.kwargs)
    return clocks


def clock_for(model: nn.Module) -> Callable[[], float]:
    """Return a clock that waits for the network's device."""
    if device_of(model).type == "cpu":
        return time.perf_counter

    def clock() -> float:
        torch.accelerator.synchronize()
        return time.perf_counter()

    return clock


@dataclass
class Clocks(Watch):
    """Notes what runs, as for a trace, and for how long."""

    clock: Callable[[], float] = time.perf_counter
    seconds: dict[int, float] = field(default_factory=dict)
    elapsed: float = 0.0
    started: dict[int, float] = field(default_factory=dict)

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(step.name, step.path) for step in self.operations]

    def begin(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        super().begin(module, args, kwargs)
        self.started[id(module)] = self.clock()

    def end(self, module: nn.Module, args: Any, kwargs: Any, result: Any) -> Any:
        self.elapsed = self.clock() - self.started.get(id(module), 0.0)
        return super().end(module, args, kwargs, result)

    def step(self, *what: Any) -> Any:
        """Note the operation; the time since it began is its own."""
        took = self.elapsed
        result = super().step(*what)
        self.seconds[len(self.operations) - 1] = took
        return result


class TimeFunctions(SeeFunctions):
    """Notes functions and how long each took."""

    watch: Clocks

    def called(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if self.watch.inside_opaque:
            return func(*args, **kwargs)
        began = self.watch.clock()
        result = func(*args, **kwargs)
        if isinstance(result, (Tensor, tuple, list)) or result is None:
            self.watch.elapsed = self.watch.clock() - began
        return result
