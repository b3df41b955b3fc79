"""A comparison: a table with bars, how cost grows with size, and how far the latencies can be told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nnarch_nb.views import compare_growth, compare_sizes, compare_words, numbers, theme
from nnarch_nb.views.blocks import blocks
from nnarch_nb.views.compare_laws import law
from nnarch_nb.views.compare_words import duration, of_latency, strip, trust
from nnarch_nb.views.page import render
from nnarch_nb.views.result import heading

if TYPE_CHECKING:
    from nnarch_nb.verbs.compare import Compared, Comparison

BAR = 60  # pixels of the longest


@dataclass(frozen=True)
class Cell:
    """One figure of the table: large, with more beneath, and a bar for its share of the largest."""

    value: str
    more: str = ""
    share: float = 0.0
    measured: bool = False

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What stands beneath, cut into bases and exponents, which html raises."""
        found = (part.partition("^")[::2] for part in self.more.split(" "))
        return [(base, raised) for base, raised in found if base]

    @property
    def bar(self) -> int:
        return max(2, round(BAR * self.share)) if self.share else 0


@dataclass(frozen=True)
class Line:
    """One network of the table, in the colour of its curve; without cells, why it does not run."""

    row: Compared
    colour: str
    cells: list[Cell] = field(default_factory=list)


def html(result: Comparison) -> str:
    pictures = compare_growth.pictures(result)
    return render(
        "compare.html.j2",
        title=title(result),
        subtitle=subtitle(result),
        strip=strip(result),
        head=heads(result),
        caption="Figures of one run" + ("; bars compare within a column" if comparable(result) else ""),
        rows=lines(result),
        pictures=pictures,
        sizes=compare_sizes.table(result),
        trust=trust(result),
    )


def text(result: Comparison) -> str:
    rows = [["network", *heads(result)]]
    rows += [[line.row.name, *map(flat, line.cells)] for line in lines(result) if line.cells]
    failed = [f"{row.name}: {row.problem}" for row in result.rows if row.problem]
    parts = [heading(title(result), subtitle(result), strip(result)), blocks(rows), *failed]
    sizes = compare_sizes.table(result)
    if sizes:
        parts.append("\n\n".join(f"{one.caption}\n{blocks([one.head, *one.rows])}" for one in sizes))
    return "\n\n".join([*parts, " ".join(filter(None, trust(result)))])


def flat(cell: Cell) -> str:
    return f"{cell.value} ({cell.more})" if cell.more else cell.value


def picture(result: Comparison) -> bytes:
    return compare_growth.beside(result)


def title(result: Comparison) -> str:
    n = len(result.rows)
    return f"Comparison of {n} networks" if n > 1 else f"Cost of {result.rows[0].name}"


def subtitle(result: Comparison) -> str:
    batch = f" · batch of {result.batch_size}" if (result.batch_size or 1) > 1 else ""
    training = " · as in training" if result.training else ""
    return f"{result.given}{batch}{training}"


def heads(result: Comparison) -> list[str]:
    return [name for name, _ in columns(result)]


def columns(result: Comparison) -> list[tuple[str, Callable[[Compared], Cell]]]:
    """Return the columns that have something to show, each with what makes its cells."""

    def largest(figure: Callable[[Compared], float | None]) -> float:
        if not comparable(result):
            return 0.0
        return max((figure(row) or 0.0 for row in result.rows), default=0.0)

    most = {
        "params": largest(lambda row: row.params),
        "macs": largest(lambda row: row.macs),
        "peak": largest(lambda row: row.peak_bytes),
        "latency": largest(lambda row: row.latency.median if row.latency else None),
    }
    found: list[tuple[str, Callable[[Compared], Cell]]] = [
        ("parameters, weights", lambda row: parameters(row, most["params"])),
        ("MACs, growth" if result.growth else "MACs", lambda row: macs(row, most["macs"])),
        (
            "peak activations, kept" if any(row.kept_bytes for row in result.rows) else "peak activations",
            lambda row: peak(row, most["peak"]),
        ),
    ]
    if any(row.latency for row in result.rows):
        name = "forward and backward" if result.training else "latency"
        found.append((name, lambda row: latency(row, most["latency"])))
    return found


def lines(result: Comparison) -> list[Line]:
    makers = [make for _, make in columns(result)]
    return [
        Line(row, theme.series(place), [] if row.problem else [make(row) for make in makers])
        for place, row in enumerate(result.rows)
    ]


def share(value: float | None, most: float) -> float:
    return value / most if value and most else 0.0


def comparable(result: Comparison) -> bool:
    """Whether bars have anything to compare."""
    return sum(not row.problem for row in result.rows) > 1


def parameters(row: Compared, most: float) -> Cell:
    return Cell(numbers.short(row.params), numbers.short(row.weights_bytes, "B"), share(row.params, most))


def macs(row: Compared, most: float) -> Cell:
    return Cell(compare_words.macs(row), law(row), share(row.macs, most))


def peak(row: Compared, most: float) -> Cell:
    kept = "" if row.kept_bytes is None else numbers.short(row.kept_bytes, "B")
    if row.peak_bytes is None:
        return Cell(numbers.NOT_MEASURED, kept)
    return Cell(numbers.short(row.peak_bytes, "B"), kept, share(row.peak_bytes, most))


def latency(row: Compared, most: float) -> Cell:
    time = row.latency
    if time is None:
        return Cell(numbers.NOT_MEASURED)
    return Cell(duration(time.median), of_latency(time), share(time.median, most), measured=True)
