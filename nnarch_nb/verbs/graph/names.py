"""What is written in boxes and on frames: the attribute, the class, and the range of what repeats."""

from __future__ import annotations

from nnarch_nb.core.network import above
from nnarch_nb.core.trace import Operation, Row
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.graph.calls import Item, Scope
from nnarch_nb.verbs.graph.repeats import Repeat
from nnarch_nb.verbs.graph.stopped import is_called

SIGNS = {
    "add": "+",
    "iadd": "+",
    "mul": "×",
    "imul": "×",
    "sub": "−",
    "isub": "−",
    "rsub": "−",
    "truediv": "÷",
    "itruediv": "÷",
    "div": "÷",
    "matmul": "@",
    "neg": "−",
}
LONGEST = 48
MOST_TYPES = 3


def name_in(path: str, rows: dict[str, Row]) -> str:
    """Return the module's name as seen from the one that calls it: ``h.0`` for a member of a list."""
    caller = next((outer for outer in list(above(path))[1:] if is_called(rows[outer])), "")
    return path.removeprefix(f"{caller}.") if caller else path


def titled(name: str, kind: str) -> str:
    return f"{cut(name)}: {cut(kind)}" if name else cut(kind)


def cut(name: str) -> str:
    return shorten(name, LONGEST)


def is_module(item: Item) -> bool:
    return bool(item.path) and (item.kind == "module" if isinstance(item, Operation) else not item.side_work)


def type_of(item: Item, rows: dict[str, Row]) -> str:
    if isinstance(item, Scope):
        return item.side_work or rows[item.path].kind
    return item.name if item.kind == "module" else SIGNS.get(item.name, item.name)


def run_name(repeat: Repeat, rows: dict[str, Row]) -> str:
    """Return the range of the modules that repeat: ``h 0–11``; empty where none does."""
    paths = [item.path for copy in repeat.copies for item in copy if is_module(item)]
    if not paths:
        return ""
    first, last = name_in(paths[0], rows), name_in(paths[-1], rows)
    around = paths[0].rpartition(".")[0]
    if (
        first.isdigit()
        and around
        and {path for path in rows if path.rpartition(".")[0] == around} <= {*paths}
    ):
        # What holds the copies and nothing else gets no frame of its own: its name stands here.
        name = name_in(around, rows)
        first, last = f"{name}.{first}", f"{name}.{last}"
    return between(first, last)


def between(first: str, last: str) -> str:
    """Return a range of names.

    Examples
    --------
    >>> between("h.0", "h.11"), between("0", "9"), between("cell", "cell"), between("conv1", "conv4")
    ('h 0–11', '0–9', 'cell', 'conv1–conv4')
    """
    if first == last:
        return first
    (above_first, _, a), (above_last, _, b) = first.rpartition("."), last.rpartition(".")
    if above_first == above_last and above_first:
        return f"{above_first} {a}–{b}"
    return f"{first}–{last}"


def run_types(repeat: Repeat, rows: dict[str, Row]) -> str:
    types = list(dict.fromkeys(type_of(item, rows) for item in repeat.first))
    return ", ".join(types[:MOST_TYPES]) + (", …" if len(types) > MOST_TYPES else "")


def times(repeat: Repeat) -> str:
    """Return ``×12``, and that these are calls where one module runs again and again."""
    paths = {item.path for copy in repeat.copies for item in copy[:1] if is_module(item)}
    return f"×{repeat.count}" + (" calls" if len(paths) == 1 else "")


def run_label(repeat: Repeat, rows: dict[str, Row]) -> str:
    types = {type_of(item, rows) for item in repeat.first}
    # Of pairs of one class "0–5 ×3" alone would seem to be eighteen.
    several = "" if len(repeat.first) == len(types) else f", {len(repeat.first)} at a time"
    name = run_name(repeat, rows)
    return f"{titled(f'{name}{several}' if name else '', run_types(repeat, rows))} {times(repeat)}"
