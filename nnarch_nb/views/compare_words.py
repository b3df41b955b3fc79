"""What a comparison says in words: who is ahead and by how much, the law of growth, how it was measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nnarch_nb.views import numbers
from nnarch_nb.views.compare_laws import growing
from nnarch_nb.views.result import Figure
from nnarch_nb.views.sentence import sentence
from nnarch_nb.views.values import value

if TYPE_CHECKING:
    from nnarch_nb.verbs.compare import Compared, Comparison, Growth, Latency

CONVENTION = "MACs: matmul, convolution, attention, recurrent gates; no bias, no element-wise."
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def duration(seconds: float) -> str:
    """Return a short time in three digits.

    Examples
    --------
    >>> duration(0.00123), duration(7.9e-5), duration(2.5)
    ('1.23 ms', '79.0 µs', '2.50 s')
    """
    size, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return f"{numbers.significant(seconds / size)} {unit}"


def of_latency(time: Latency) -> str:
    """Return the interval in the unit of the median."""
    if time.low is None or time.high is None:
        return f"n = {time.n}, no interval"
    size, _ = next((pair for pair in UNITS if time.median >= pair[0]), UNITS[-1])
    return f"{numbers.significant(time.low / size)}–{numbers.significant(time.high / size)}"


def strip(result: Comparison) -> list[Figure]:
    """Return the figures that matter: of one network its own, of several who is ahead."""
    rows = [row for row in result.rows if not row.problem]
    if len(result.rows) == 1:
        return of_one(rows[0])
    figures = [
        best(rows, "fewest parameters", lambda row: row.params, numbers.short),
        best(rows, "least MACs", lambda row: None if row.uncounted else row.macs, numbers.short),
        best(rows, "least peak activations", lambda row: row.peak_bytes, in_bytes),
        fastest(rows),
    ]
    return [figure for figure in figures if figure is not None]


def macs(row: Compared) -> str:
    """Return the MACs, a lower bound where some could not be counted."""
    if not row.uncounted:
        return numbers.short(row.macs)
    return f"≥ {numbers.short(row.macs)}" if row.macs else numbers.NOT_MEASURED


def in_bytes(size: float) -> str:
    return numbers.short(size, "B")


def of_one(row: Compared) -> list[Figure]:
    figures = [
        Figure(numbers.short(row.params), "parameters"),
        Figure(macs(row), "MACs"),
    ]
    if row.peak_bytes is not None:
        figures.append(Figure(in_bytes(row.peak_bytes), "peak activations"))
    if row.latency:
        unit = of_latency(row.latency)
        figures.append(Figure(duration(row.latency.median), f"median ({unit})", measured=True))
    if row.growth:
        figures += exponent(row.growth)
    return figures


def exponent(growth: Growth) -> list[Figure]:
    if growth.exponent is None:
        return []
    limit = f", {growth.limit} in the limit" if growth.limit is not None else ""
    return [Figure(f"{growth.exponent:.2f}", f"exponent of MACs against {growth.dimension}{limit}")]


def best(
    rows: list[Compared],
    what: str,
    figure: Callable[[Compared], int | None],
    written: Callable[[float], str],
) -> Figure | None:
    """Return who has the least; nothing where it is not told apart or not known of all."""
    values = sorted((size, row.name) for row in rows if (size := figure(row)) is not None)
    if len(values) < len(rows) or len(values) < 2 or values[0][0] == values[1][0]:
        return None
    return Figure(values[0][1], f"{what}: {written(values[0][0])}")


def fastest(rows: list[Compared]) -> Figure | None:
    """Return who is fastest; two whose intervals meet are not told apart."""
    timed = sorted(((row.latency, row.name) for row in rows if row.latency), key=lambda pair: pair[0].median)
    if len(timed) < 2:
        return None
    (first, name), *others = timed
    rivals = [other for time, other in others if meet(first, time)]
    if rivals:
        more = rivals[0] if len(rivals) == 1 else f"{len(rivals)} others"
        bare = any(time.high is None for time, other in timed if other in (name, *rivals))
        why = "too few runs to tell" if bare else "their intervals meet"
        return Figure(f"{name} or {more}", f"fastest: {why}", measured=True)
    second, other = others[0]
    ahead = f"{value(second.median / first.median, 2)}× ahead of {other}"
    return Figure(name, f"fastest: {duration(first.median)}, {ahead}", measured=True)


def meet(first: Latency, second: Latency) -> bool:
    """Whether two latencies cannot be told apart; without an interval they cannot."""
    return first.high is None or second.low is None or first.high >= second.low


def remarks(result: Comparison) -> list[str]:
    """Return what was not measured of which network, and how it took its input."""
    found = []
    for row in result.rows:
        if row.uncounted:
            found.append(f"{row.name}: not measured are the MACs of {', '.join(row.uncounted)}.")
        found += [f"{row.name}: {sentence(note)}" for note in row.notes]
        found += [f"{row.name}: growth not told, as {row.untold}."] if row.untold else []
    return found


def trust(result: Comparison) -> list[str]:
    """Return how it was measured: what stands before the number of runs, that number, and the rest."""
    parts = [growing(result), *remarks(result)]
    parts += ["Stopped early: what is missing was not reached."] if result.stopped else []
    parts.append("Accuracy is not compared. The networks were not touched.")
    before = [traced(result), CONVENTION, keeping(result), timing(result)]
    return [" ".join(filter(None, before)), runs(result), " ".join(filter(None, parts))]


def runs(result: Comparison) -> str:
    """Return how many runs the medians are of: fewer where time ran out."""
    numbers_of = [row.latency.n for row in result.rows if row.latency]
    if not numbers_of:
        return ""
    least, most = min(numbers_of), max(numbers_of)
    return f"n = {least:,} runs each." if least == most else f"n = {least:,} to {most:,} runs."


def traced(result: Comparison) -> str:
    real = [row.name for row in result.rows if row.mode == "real"]
    if not real:
        return "Sizes, MACs and memory: traced without computing (fake tensors)."
    return f"Sizes, MACs and memory: traced; {', '.join(real)} had to run for real."


def keeping(result: Comparison) -> str:
    if not any(row.kept_bytes for row in result.rows):
        return ""
    return "Kept: what a training forward keeps for backward, beside weights."


def timing(result: Comparison) -> str:
    """Return how latency was measured; what differs from run to run stays in the table."""
    times = [row for row in result.rows if row.latency]
    if not times:
        return "Latency: not measured."
    devices = ", ".join(dict.fromkeys(row.device for row in times))
    threads = f", {result.threads} thread{'s' if result.threads != 1 else ''}" if "cpu" in devices else ""
    what = "forward and backward runs, training mode" if result.training else "forward runs, evaluation mode"
    return (
        f"Latency: {what}, on {devices}{threads}, in turns after warm-up; median and 95 % interval between "
        "order statistics,"
    )
