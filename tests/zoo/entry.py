"""What one line of the table holds, and the arithmetic in which its closed forms are written.

The arithmetic knows nothing of the package: it says what each layer of a textbook costs, so that the
table cannot agree with the package by sharing its faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

B = 2  # samples in a batch, so that a cost counted for one sample alone is seen


@dataclass(frozen=True)
class Cost:
    """Parameters, and multiply-accumulates of one run."""

    params: int = 0
    macs: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.params + other.params, self.macs + other.macs)

    def __mul__(self, copies: int) -> Cost:
        return Cost(self.params * copies, self.macs * copies)

    def called(self, times: int) -> Cost:
        """Return the cost where the same weights run so many times."""
        return Cost(self.params, self.macs * times)


@dataclass(frozen=True)
class Entry:
    """One network.

    Attributes
    ----------
    name
        Its own in the table.
    make, inputs
        Make it, and its inputs: positional arguments as a tuple, keyword arguments as a dict.
    cost
        By the closed form.
    values
        Why fakes do not do and the run is real: empty if they do.
    torch_misses
        Multiply-accumulates for which torch's own counter has no formula; None if it cannot run there.
    uncounted
        Kernels whose cost nobody can tell; ``cost.macs`` leaves them out.
    published
        Parameters, and 10⁹ multiply-accumulates rounded to three digits, by torchvision's documentation.
    large
        Its weights or its run are too much for a test: it is made on meta there.
    """

    name: str
    make: Callable[[], nn.Module]
    inputs: Callable[[], Any]
    cost: Cost
    values: str = ""
    torch_misses: int | None = 0
    uncounted: tuple[str, ...] = ()
    published: tuple[int, float] | None = None
    large: bool = False


def floats(*shapes: tuple[int, ...]) -> Callable[[], tuple[torch.Tensor, ...]]:
    """Return a maker of random tensors of these shapes, batch included."""

    def make() -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(0)
        return tuple(torch.rand(shape, generator=generator) for shape in shapes)

    return make


def words(many: int, *shapes: tuple[int, ...]) -> Callable[[], tuple[torch.Tensor, ...]]:
    """Return a maker of random indices below ``many``."""

    def make() -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(0)
        return tuple(torch.randint(many, shape, generator=generator) for shape in shapes)

    return make


def linear(given: int, out: int, rows: int = 1, bias: bool = True) -> Cost:
    return Cost(given * out + bias * out, rows * given * out)


def conv(given: int, out: int, taps: int, places: int, groups: int = 1, bias: bool = True) -> Cost:
    """``taps``: positions in the kernel; ``places``: those of the output, of the input if transposed."""
    weights = given * out * taps // groups
    return Cost(weights + bias * out, places * weights)


def norm(width: int) -> Cost:
    return Cost(2 * width)


def table(many: int, width: int) -> Cost:
    """Return the cost of an embedding, which is looked up and not multiplied."""
    return Cost(many * width)


def recurrent(gates: int, given: int, hidden: int, steps: int, projected: int = 0) -> Cost:
    """One direction of one layer: an LSTM has 4 gates, a GRU 3, a plain RNN 1."""
    weights = gates * hidden * (given + (projected or hidden)) + projected * hidden
    return Cost(weights + 2 * gates * hidden, steps * weights)


def attention(
    width: int, queries: int, keys: int, key_width: int = 0, value_width: int = 0, bias: bool = True
) -> Cost:
    """Four projections, the scores and the weighted sum."""
    key_width, value_width = key_width or width, value_width or width
    query_and_out = linear(width, width, queries, bias) * 2
    key = linear(key_width, width, keys, bias)
    value = linear(value_width, width, keys, bias)
    return query_and_out + key + value + products(width, queries, keys)


def products(width: int, queries: int, keys: int) -> Cost:
    """Return the cost of scores and weighted sum, over all heads together."""
    return Cost(0, 2 * queries * keys * width)


def encoder_layer(width: int, inner: int, tokens: int) -> Cost:
    """Return the cost of a transformer's layer with biases and two normalizations."""
    feed = linear(width, inner, tokens) + linear(inner, width, tokens)
    return attention(width, tokens, tokens) + feed + norm(width) * 2
