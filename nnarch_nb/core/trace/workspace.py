"""The notes that an LSTM on the CPU takes for its backward run, of which a fake one knows nothing.

oneDNN lays out these notes as it sees fit on this processor, so their size cannot be derived; torch's fake
of the kernel says that there are none. The kernel itself tells: it is run on zeros, for as few steps of time
as that costs little, and its notes grow by the same amount with each step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils._python_dispatch import _disable_current_modes

NOTES = {torch.ops.aten.mkldnn_rnn_layer.default}
# The kernel takes its arguments in this order: input, four weights, hidden and cell state, …, train.
TENSORS, TRAIN = 7, 15
EXACT_MACS = 5 * 10**8
RECKONED = "What an LSTM this long keeps is reckoned in a straight line from shorter runs."


def takes_notes(args: Any) -> bool:
    """Whether it is a run on fakes whose notes have a size to be found out."""
    return isinstance(args[0], FakeTensor) and not args[0].is_meta and len(args) > TRAIN and bool(args[TRAIN])


def is_reckoned(func: Any, args: Any) -> bool:
    """Whether the kernel takes notes of a size that is not measured, since that would cost too much."""
    return func in NOTES and takes_notes(args) and args[0].shape[0] > measured_steps(shapes_of(args))


def shapes_of(args: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(arg.shape) for arg in args[:TENSORS])


def measured_steps(shapes: Any) -> int:
    """Return how many steps of time the kernel is run for at most."""
    batch = shapes[0][1]
    costs = batch * sum(rows * columns for rows, columns in shapes[1:3])
    return max(1, EXACT_MACS // max(1, costs))


def with_notes(func: Any, args: Any, out: Any) -> Any:
    """Return what the kernel gives, notes of their true size with it."""
    if not takes_notes(args):
        return out
    settings = tuple(tuple(arg) if isinstance(arg, list) else arg for arg in args[TENSORS:])
    size = notes_size(func, shapes_of(args), args[0].dtype, settings)
    return (*out[:3], out[3].new_empty(size))


@lru_cache(256)
def notes_size(func: Any, shapes: Any, dtype: torch.dtype, settings: tuple[Any, ...]) -> int:
    """Return the bytes of the notes: measured, or drawn on in a straight line from shorter runs."""
    steps, most = shapes[0][0], measured_steps(shapes)

    def measured(steps: int) -> int:
        with _disable_current_modes(), torch.enable_grad():
            x, *rest = (torch.zeros(shape, dtype=dtype) for shape in ((steps, *shapes[0][1:]), *shapes[1:]))
            return int(func(x, *rest, *settings)[3].numel())

    if steps <= most:
        return measured(steps)
    few = max(1, most // 2)
    base, slope = measured(few), (measured(2 * few) - measured(few)) / few
    return round(base + slope * (steps - few))
