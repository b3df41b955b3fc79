"""What a comparison holds: measured numbers by network, with no reference to any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from nnarch_nb.core.result import Result

if TYPE_CHECKING:
    import pandas as pd


NOT_REACHED = "stopped before it was measured"


class Point(NamedTuple):
    """What one forward run costs at one size of the input: MACs, and bytes or None if not measured."""

    size: int
    macs: int
    peak_bytes: int | None


@dataclass(frozen=True)
class Growth:
    """How the cost of a network grows with the size of its input.

    Attributes
    ----------
    dimension
        What grows: the ``length`` of a sequence or the ``side`` of an image.
    given
        Its size in the given input. Of an image that is not square, its height.
    points
        The sizes traced, from the smallest.
    exponent
        Slope of log MACs against log size at ``given``; None without MACs.
    limit
        Degree of the polynomial that the MACs are of the size: the exponent in the limit. None if none
        was found, or the MACs stay the same from some size on.
    coefficients
        Of that polynomial, the constant first; empty if none was found.
    fitted
        The sizes whose MACs the polynomial gives exactly. If there are none, it is a fit of one or two
        powers within a few per cent, as rounded sizes inside the network make.
    crossing
        The size at which the highest power overtakes all lower ones; None if it is ahead at every size.
    peak_exponent
        The same slope of the peak activations, between the two largest sizes; None if not measured.
    """

    dimension: Literal["length", "side"]
    given: int
    points: tuple[Point, ...]
    exponent: float | None
    limit: int | None
    coefficients: tuple[float, ...] = ()
    fitted: tuple[int, ...] = ()
    crossing: float | None = None
    peak_exponent: float | None = None


@dataclass(frozen=True)
class Latency:
    """Seconds of one run: the median of ``n``, with its 95 % interval (None for fewer than 6 runs)."""

    median: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Compared:
    """One network of a comparison.

    Attributes
    ----------
    name, kind
        What the comparison calls it, and its class.
    family
        ``CNN``, ``RNN``, ``Transformer``, ``MLP``, several of them joined by ``+``, or ``other``: told by
        what ran, not by names.
    given
        What it was called with.
    params, trainable, weights_bytes
        Numbers in it, those that are trained, and the memory of parameters and buffers.
    macs
        Multiply-accumulates of one run; without those of the kernels in ``uncounted``.
    peak_bytes
        Activations alive at once at most in the forward run; None if not measured.
    kept_bytes
        What a forward run in training keeps for backward, beside the weights; None if not measured.
    latency
        Of one run; None if not measured.
    device
        Where the network is.
    mode
        ``fake`` if it was traced without computing, else ``real``.
    growth
        None if it was not looked at, or nothing may grow.
    fixed
        It takes inputs of one size only, or makes more samples of a larger one.
    untold
        Why its growth could not be told.
    problem
        Why the network does not run; empty if it does.
    notes
        What was not measured and why, and how the input was taken where that may surprise.
    """

    name: str
    kind: str
    family: str = ""
    given: str = ""
    params: int | None = None
    trainable: int | None = None
    weights_bytes: int | None = None
    macs: int | None = None
    peak_bytes: int | None = None
    kept_bytes: int | None = None
    latency: Latency | None = None
    device: str = ""
    mode: str = ""
    uncounted: tuple[str, ...] = ()
    growth: Growth | None = None
    fixed: bool = False
    untold: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """Networks side by side, measured.

    Attributes
    ----------
    rows
        One for each network, in the order given.
    batch_size
        Samples in the batches made from a shape; None for one, or where tensors were given.
    training
        The runs were as in training, and latency is that of a forward run and its backward run.
    threads
        Those that PyTorch computed with on the CPU.
    stopped
        It was interrupted: what is missing was not reached.
    """

    rows: tuple[Compared, ...]
    batch_size: int | None
    training: bool
    threads: int
    stopped: bool = False

    def __repr__(self) -> str:
        return f"Comparison(on {self.given}: {', '.join(map(cost_of, self.rows))})"

    @property
    def given(self) -> str:
        """What the networks were called with, each input once."""
        return ", ".join(dict.fromkeys(row.given for row in self.rows if row.given))

    @property
    def growth(self) -> dict[str, Growth]:
        """The growth of each network that has one, by name."""
        return {row.name: row.growth for row in self.rows if row.growth is not None}

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table; seconds and exponents in columns of their own."""
        import pandas as pd

        return pd.DataFrame([flat(row) for row in self.rows])


def cost_of(row: Compared) -> str:
    if row.problem:
        return f"{row.name} {'not reached' if row.problem == NOT_REACHED else 'fails'}"
    return f"{row.name} {row.macs or 0:,} MACs"


def flat(row: Compared) -> dict[str, object]:
    """Return a row as one level of figures."""
    time, growth = row.latency, row.growth
    plain = {name: value for name, value in vars(row).items() if name not in ("latency", "growth")}
    return {
        **plain,
        "seconds": time and time.median,
        "seconds_low": time and time.low,
        "seconds_high": time and time.high,
        "n": time and time.n,
        "dimension": growth and growth.dimension,
        "exponent": growth and growth.exponent,
        "limit": growth and growth.limit,
        "crossing": growth and growth.crossing,
    }
