"""The summary of a network: its layers as a tree with bars in html, in torchinfo's familiar look as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnarch_nb.core.layers import layer_family
from nnarch_nb.views import numbers, traced
from nnarch_nb.views.page import render
from nnarch_nb.views.result import Figure, columns, heading
from nnarch_nb.views.shapes import written

if TYPE_CHECKING:
    from nnarch_nb.verbs.summary import Layer, Summary

MOST_ROWS = 200
INDENT = 18
BAR = 96
DTYPES = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16", "float64": "fp64"}
CONVENTION = "MACs: matmul, convolution, attention, recurrent gates; no bias, no element-wise."


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    layer: Layer
    name: str
    notes: str
    family: str
    output: str
    folded: int
    whole: bool
    share: float

    @property
    def label(self) -> str:
        return f"{self.name}: {self.layer.kind}" if self.name else self.layer.kind

    @property
    def macs(self) -> str:
        return cost(self.layer.macs)

    @property
    def indent(self) -> int:
        return INDENT * max(0, self.layer.depth - 1)

    @property
    def bar(self) -> int:
        return max(2, round(BAR * self.share)) if self.share else 0


def html(summary: Summary) -> str:
    rows = lines(summary)
    return render(
        "summary.html.j2",
        title=summary.name,
        subtitle=subtitle(summary),
        strip=strip(summary),
        rows=rows[:MOST_ROWS],
        more=max(0, len(rows) - MOST_ROWS),
        trust=trust(summary),
    )


def text(summary: Summary) -> str:
    rows = lines(summary)
    head = ["Layer (attribute: type)", "Output shape", "Parameters", "MACs"]
    cells = [
        [
            summary.name,
            written(summary.output, summary.per_sample),
            *figures(summary.params, summary.rows[0].macs),
        ]
    ]
    cells += [
        [twig(line) + marked(line), line.output, *figures(line.layer.params, line.layer.macs)]
        for line in rows[:MOST_ROWS]
        if line.layer.path
    ]
    table = columns([head, *cells]).splitlines()
    rule = "=" * max(map(len, table))
    if len(rows) > MOST_ROWS:
        table.append(f"… {len(rows) - MOST_ROWS:,} more")
    body = [rule, table[0], rule, *table[1:], rule, *totals(summary), rule]
    return "\n".join([heading(summary.name, subtitle(summary), []), *body, trust(summary)])


def figures(params: int, macs: int | None) -> list[str]:
    return [numbers.count(params), cost(macs)]


def cost(macs: int | None) -> str:
    if macs is None:
        return numbers.NOT_MEASURED
    return numbers.short(macs) if macs else numbers.NONE


def twig(line: Line) -> str:
    return "│    " * (line.layer.depth - 1) + "├─"


def marked(line: Line) -> str:
    return f"{line.label} ({line.notes})" if line.notes else line.label


def totals(summary: Summary) -> list[str]:
    frozen = summary.params - summary.trainable
    macs = traced.macs(summary) if summary.uncounted else f"{summary.macs:,}"
    return [
        f"Total parameters: {summary.params:,}",
        f"Trainable parameters: {summary.trainable:,}",
        f"Frozen parameters: {frozen:,}",
        f"{traced.macs_of_what(summary)}: {macs}",
        f"{weights_of_what(summary).capitalize()}: {numbers.short(summary.weights_bytes, 'B')}",
    ]


def subtitle(summary: Summary) -> str:
    given = summary.given
    return f"{given} → {written(summary.output, summary.per_sample)}"


def strip(summary: Summary) -> list[Figure]:
    frozen = summary.params != summary.trainable
    trainable = f", {numbers.short(summary.trainable)} trainable" if frozen else ""
    return [
        Figure(numbers.short(summary.params), f"parameters{trainable}"),
        Figure(traced.macs(summary), traced.macs_of_what(summary)),
        Figure(numbers.short(summary.weights_bytes, "B"), weights_of_what(summary)),
        Figure(f"{len(summary.leaves):,}", "layers" if len(summary.leaves) != 1 else "layer"),
    ]


def weights_of_what(summary: Summary) -> str:
    types = [DTYPES.get(name, name) for name in summary.dtypes]
    return ", ".join(["weights", *types]) if len(types) < 3 else "weights, mixed types"


def lines(summary: Summary) -> list[Line]:
    """Return the rows to show, down to the depth asked for; the network itself only if it is one layer."""
    visible = summary.visible
    shown = [row for row in visible if 0 < row.depth <= summary.depth] or visible[:1]
    below = dict(count_below(visible, summary.depth))
    return [line(row, summary, below.get(row.path, 0)) for row in shown]


def count_below(visible: list[Layer], depth: int) -> Iterator[tuple[str, int]]:
    """Yield each path at the last level shown with how many layers are folded into it."""
    folded: dict[str, int] = {}
    for row in visible:
        if row.depth > depth and row.leaf:
            above = ".".join(row.path.split(".")[:depth])
            folded[above] = folded.get(above, 0) + 1
    yield from folded.items()


def line(row: Layer, summary: Summary, folded: int) -> Line:
    whole = row.leaf or bool(folded)
    return Line(
        layer=row,
        name=row.path.rpartition(".")[2],
        notes=", ".join(notes(row, folded)),
        family=layer_family(row.kind),
        output=written(row.output, summary.per_sample),
        folded=folded,
        whole=whole,
        share=row.macs / summary.macs if whole and summary.macs and row.macs else 0.0,
    )


def notes(row: Layer, folded: int) -> list[str]:
    """Return what a reader must know of a row beyond its figures."""
    frozen = row.params > 0 and row.trainable == 0
    partly = 0 < row.trainable < row.params and (row.leaf or folded)
    return [
        *([f"{folded} layers"] if folded else []),
        *([f"called {row.calls} times"] if row.calls > 1 else []),
        *(["not called"] if row.leaf and row.calls == 0 else []),
        *(["frozen"] if frozen else []),
        *(["partly frozen"] if partly else []),
    ]


def trust(summary: Summary) -> str:
    parts = [
        traced.how(summary),
        CONVENTION,
        *traced.remarks(summary),
        *between(summary),
        *held(summary),
        *shared(summary),
    ]
    return " ".join([*parts, "The model was not touched."])


def between(summary: Summary) -> list[str]:
    counted = [name for name in summary.functions if name not in summary.uncounted]
    if not counted:
        return []
    names = ", ".join(counted[:4]) + (" …" if len(counted) > 4 else "")
    return [f"Functions between layers ({names}) have no row; what they cost is in the totals."]


def held(summary: Summary) -> list[str]:
    """Return the parameters that modules with layers within hold beside them, such as a class token."""
    rows = [row for row in summary.visible if not row.leaf and row.own_params]
    if not rows:
        return []
    paths = [row.path or summary.name for row in rows]
    whose = ", ".join(paths[:3]) + (" …" if len(paths) > 3 else "")
    total = sum(row.own_params for row in rows)
    return [f"{total:,} parameters of {whose}, beside those of the layers within, have no row of their own."]


def shared(summary: Summary) -> list[str]:
    once = sum(row.own_params for row in summary.rows) > summary.params
    return ["Shared weights show in each row and count once in the totals."] if once else []
