"""How long a run takes: real runs of all networks in turns, and nothing of them left behind.

The networks take turns because a shared machine is fast in one moment and slow in the next: measured one
after the other, two equal networks came out as different. The first of each round changes too.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from nnarch_nb.core.device import device_of
from nnarch_nb.core.events import Task
from nnarch_nb.core.inputs import Call, first_layer, made_from_shape
from nnarch_nb.core.rng import generator, seeded
from nnarch_nb.core.snapshot import untouched
from nnarch_nb.core.trace.flow import tensors_in
from nnarch_nb.core.trace.setting import apart, placed, set_mode
from nnarch_nb.core.turns import LOCK
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.compare.options import Options
from nnarch_nb.verbs.compare.result import Latency

WARM_UP = 2  # runs: the first takes memory and picks kernels
LONG = 1.0  # seconds of a run after which one is enough
WANTS_GRADIENTS = "does not require grad"  # says a network that differentiates in its forward run
ENOUGH = 6  # runs: fewer leave the median without an interval
UNLIKELY = 40  # the median lies beyond one end of its interval once in so many times, at most

Subjects = Mapping[str, tuple[nn.Module, Call]]


def latencies(subjects: Subjects, options: Options, task: Task) -> tuple[dict[str, Latency], dict[str, str]]:
    """Return the latency of each network by name, and why there is none of the others.

    Parameters
    ----------
    subjects
        Each network and what it is called with.
    task
        Advanced by one for each network; once it is stopped, what was timed so far counts.
    """
    why = {name: reason for name, (model, _) in subjects.items() if (reason := cannot_run(model))}
    with ExitStack() as stack:
        stack.enter_context(LOCK)
        stack.enter_context(seeded(options.seed))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        runs: dict[str, Callable[[], float]] = {}
        for name, (model, call) in subjects.items():
            if name in why or task.stopping:
                continue
            stack.enter_context(untouched(model))
            call = placed(model, filled(call, model, options.seed), apart)
            run = warm(name, model, call, options, why)
            if run is not None:
                runs[name] = run
        times = in_turns(runs, why, options, task)
    return {name: summed(values) for name, values in times.items() if values and name not in why}, why


def cannot_run(model: nn.Module) -> str:
    if any(not is_lazy(t) and t.is_meta for t in (*model.parameters(), *model.buffers())):
        return "it is on the meta device, where weights have no values"
    return ""


def filled(call: Call, model: nn.Module, seed: int) -> Call:
    """Return the call with random numbers where the inputs were made from a shape: zeros may be faster."""
    if not made_from_shape(call):
        return call
    (empty,) = call.args
    draw = generator(seed)
    if empty.dtype.is_floating_point:
        return replace(call, args=(torch.randn(empty.shape, generator=draw).to(empty.dtype),))
    most = getattr(first_layer(model), "num_embeddings", 1)
    return replace(call, args=(torch.randint(most, empty.shape, generator=draw, dtype=empty.dtype),))


def warm(
    name: str, model: nn.Module, call: Call, options: Options, why: dict[str, str]
) -> Callable[[], float] | None:
    """Return what times one run of the network, warmed up; None if it fails, and the reason is in ``why``."""
    set_mode(model, options.training)
    run = timed(model, call, options.training, grad=options.training)
    took = attempted(name, run, why)
    if WANTS_GRADIENTS in why.get(name, "") and not options.training:
        del why[name]
        run = timed(model, call, options.training, grad=True)
        took = attempted(name, run, why)
    for _ in range(WARM_UP - 1):
        took = took if took is None or took > LONG else attempted(name, run, why)
    return None if took is None else run


def timed(model: nn.Module, call: Call, training: bool, grad: bool) -> Callable[[], float]:
    """Return a function that runs the network once and returns how many seconds that took."""
    wait = waiting_for(device_of(model))

    def once() -> float:
        for tensor in (*model.parameters(), *call.tensors) if training else ():
            tensor.grad = None
        wait()
        start = time.perf_counter()
        with torch.inference_mode(False), torch.set_grad_enabled(grad):
            answer = model(*call.args, **call.kwargs)
            if training:
                backward(answer)
        wait()
        return time.perf_counter() - start

    return once


def waiting_for(device: torch.device) -> Callable[[], None]:
    """Return what waits until the device has done all it was given; a CPU has when it returns."""
    if device.type == "cpu" or not torch.accelerator.is_available():
        return lambda: None
    return lambda: torch.accelerator.synchronize(device)


def backward(answer: Any) -> None:
    outputs = [tensor for tensor in tensors_in(answer) if tensor.requires_grad]
    total: Tensor = sum((tensor.float().sum() for tensor in outputs), torch.zeros(()))
    total.backward()


def attempted(name: str, run: Callable[[], float], why: dict[str, str]) -> float | None:
    """Return the seconds of one run; if it fails, None, and the reason is in ``why``."""
    try:
        return run()
    except Exception as error:  # a user's forward may raise anything
        why[name] = f"{type(error).__name__}: {shorten(error, 120)}"
        return None


def in_turns(
    runs: Mapping[str, Callable[[], float]], why: dict[str, str], options: Options, task: Task
) -> dict[str, list[float]]:
    """Return the seconds of each run by network.

    One that fails is left out from there on, and so is one whose own time is spent: the others go on.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    start = task.done
    for number in range(options.repeats):
        waiting = [name for name in runs if name not in why and not is_done(times[name], options)]
        if not waiting:
            break
        for name in rotated(waiting, number):
            if task.stopping:
                return times
            took = attempted(name, runs[name], why)
            times[name] += [took] if took is not None else []
        task.advance(start + sum(1.0 if name in why else part(times[name], options) for name in runs))
    return times


def is_done(times: list[float], options: Options) -> bool:
    """Whether a network's time is spent; the last few runs to an interval may take as much again."""
    spent = sum(times) / options.seconds
    return spent >= 2 or (spent >= 1 and len(times) >= min(ENOUGH, options.repeats))


def part(times: list[float], options: Options) -> float:
    """Return how much of a network's runs is behind it, for the progress bar."""
    if is_done(times, options):
        return 1.0
    return min(1.0, max(sum(times) / options.seconds / 2, len(times) / options.repeats))


def rotated(names: list[str], number: int) -> Iterator[str]:
    place = number % max(1, len(names))
    yield from names[place:] + names[:place]


def summed(times: list[float]) -> Latency:
    """Return the median with its 95 % interval.

    Examples
    --------
    >>> summed([5.0, 1.0, 2.0, 4.0, 3.0, 6.0])
    Latency(median=3.5, low=1.0, high=6.0, n=6)
    >>> summed([1.0, 2.0]).low is None
    True
    """
    ordered, outside = sorted(times), beyond(len(times))
    low, high = (ordered[outside - 1], ordered[-outside]) if outside else (None, None)
    return Latency(median(ordered), low, high, len(ordered))


def beyond(n: int) -> int:
    """Return which order statistic from either end bounds the median of n values; 0 if none does.

    The number of values below the median is binomial with one half, whatever their distribution.

    Examples
    --------
    >>> beyond(5), beyond(6), beyond(20), beyond(100)
    (0, 1, 6, 40)
    """
    below, total = 1, 0
    for rank in range(n):
        total += below
        if total * UNLIKELY > 2**n:
            return rank
        below = below * (n - rank) // (rank + 1)
    return 0
