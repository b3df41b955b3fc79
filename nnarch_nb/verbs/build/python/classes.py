"""One class for modules that are alike: the numbers in which they differ are its arguments.

Modules are alike when nothing but numbers tells them apart. Numbers that are the same everywhere are
written out, those that always change together are one argument, and one that is always a multiple of
another is written as that.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from keyword import iskeyword
from typing import Any

from torch import nn

from nnarch_nb.verbs.build.python.printer import literal
from nnarch_nb.verbs.build.python.tree import Leaf, Node, Part

TITLES = {"add": "Sum", "concat": "Join", "chain": "Block"}
MOST_TIMES = 16  # beyond it a multiple is a coincidence


@dataclass(frozen=True)
class Number:
    """A number among a module's arguments: which argument of which layer."""

    argument: str
    layer: str
    value: Any


@dataclass
class Group:
    """Modules that are alike, and the class that stands for them.

    Attributes
    ----------
    node
        One of them.
    name
        Of the class.
    labels
        The parts that they were written as.
    rows
        The numbers of each, by how they are written.
    arguments
        Of the class: name to values, by row.
    expressions
        What is written for each number.
    """

    node: Node
    name: str = ""
    labels: set[str] = field(default_factory=set)
    rows: dict[tuple[str, ...], tuple[Any, ...]] = field(default_factory=dict)
    arguments: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    expressions: tuple[str, ...] = ()

    def settle(self) -> None:
        """Choose the arguments, once all rows are known."""
        columns: dict[tuple[Any, ...], list[Number]] = {}
        places = [
            tuple(row[i] for row in self.rows.values()) for i in range(len(next(iter(self.rows.values()))))
        ]
        for column, number in zip(places, numbers(self.node), strict=True):
            columns.setdefault(column, []).append(number)
        self.expressions = tuple(self.expression(column, columns[column]) for column in places)

    def expression(self, column: tuple[Any, ...], places: list[Number]) -> str:
        """Return the number where it is always the same, the argument for it, or a multiple of one."""
        if len(set(map(literal, column))) == 1:
            return literal(column[0])
        for name, values in self.arguments.items():
            if values == column:
                return name
            if times := multiple(column, values):
                return f"{times} * {name}"
        name = free(argument_names(places), set(self.arguments))
        self.arguments[name] = column
        return name

    def call(self, expressions: tuple[str, ...]) -> list[str]:
        """Return the arguments of a call, where these stand for the numbers of the one made."""
        return [expressions[self.first_place(name)] for name in self.arguments]

    def first_place(self, argument: str) -> int:
        return self.expressions.index(argument)


def argument_names(places: list[Number]) -> list[str]:
    """Return what an argument may be called that stands in these places, the best name first.

    Examples
    --------
    >>> argument_names([Number("in_channels", "conv1", 8), Number("out_channels", "conv2", 8)])
    ['channels', 'conv1_channels']
    """
    first, others = places[0], {place.argument for place in places}
    both = first.argument.startswith("in_") and first.argument.replace("in_", "out_", 1) in others
    name = first.argument.removeprefix("in_") if both else first.argument
    return [name, f"{first.layer}_{name}"]


def free(names: list[str], taken: set[str]) -> str:
    """Return the first name that is not taken; the last one with a number where all are."""
    numbered = (f"{names[-1]}{i}" for i in count(2))
    return next(name for name in chain(names, numbered) if name not in taken)


def multiple(column: tuple[Any, ...], values: tuple[Any, ...]) -> int:
    """Return how many times the values make the column; 0 where no small number does."""
    whole = (type(number) is int and number > 0 for number in (*column, *values))
    if not all(whole) or column[0] % values[0]:
        return 0
    times = column[0] // values[0]
    fits = 1 < times <= MOST_TIMES and all(a == times * b for a, b in zip(column, values, strict=True))
    return times if fits else 0


def is_number(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return bool(value) and all(map(is_number, value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbers(part: Part, name: str = "") -> Iterator[Number]:
    """Go through all numbers of a part in the order in which they are written."""
    if isinstance(part, Leaf):
        for argument, value in part.given.items():
            if is_number(value):
                yield Number(argument, name, tuple(value) if isinstance(value, list) else value)
        return
    for step in part.steps:
        yield from numbers(step.part, step.name)


def skeleton(part: Part) -> Hashable:
    """Return all of a part but its numbers."""
    if isinstance(part, Leaf):
        return part.kind, tuple((k, None if is_number(v) else repr(v)) for k, v in part.given.items())
    steps = tuple((s.name, s.masked, s.tokens, skeleton(s.part)) for s in part.steps)
    return part.form, part.masked, part.makes, part.dim, steps


def has_class(part: Part, parent: str) -> bool:
    """Whether a part is written as a class of its own; others are written where they stand."""
    if isinstance(part, Leaf) or not part.steps:
        return False
    if part.form == "chain":
        grows = part.masked and any(step.tokens for step in part.steps)  # a longer mask, for these alone
        return grows or parent == "repeat" or (bool(part.label) and parent != "residual")
    return part.form != "repeat"


class Classes:
    """All classes of a network, those that others need first."""

    def __init__(self, network: Node, taken: set[str]) -> None:
        self.groups: dict[Hashable, Group] = {}
        self._skeletons: dict[int, Hashable] = {}
        self._collect(network)
        for group in self.groups.values():
            group.settle()
            group.name = free([group_name(group)], taken)
            taken.add(group.name)

    def of(self, part: Part) -> Group:
        return self.groups[self._skeleton(part)]

    def _skeleton(self, part: Part) -> Hashable:
        if id(part) not in self._skeletons:
            self._skeletons[id(part)] = skeleton(part)
        return self._skeletons[id(part)]

    def _collect(self, node: Node) -> None:
        for step in node.steps:
            if isinstance(step.part, Node):
                self._collect(step.part)
                if has_class(step.part, node.form):
                    self._add(step.part)

    def _add(self, node: Node) -> None:
        group = self.groups.setdefault(self._skeleton(node), Group(node))
        row = tuple(number.value for number in numbers(node))
        group.rows.setdefault(tuple(map(literal, row)), row)
        group.labels.add(node.label)


def group_name(group: Group) -> str:
    """Return what a class is called: what the parts' own names have in common, else what it does."""
    for names in (group.labels, {re.sub(r"\d+", "", label) for label in group.labels}):
        if len(names) == 1 and (name := camel(next(iter(names)))):
            return name
    node = group.node
    if node.form == "residual":
        return "ShortcutResidual" if len(node.steps) > 1 else "Residual"
    around = any(isinstance(step.part, Node) and not step.part.steps for step in node.steps)
    return "Skip" if around else TITLES[node.form]


def camel(label: str) -> str:
    """Return a name as classes are spelled; nothing where no name can be made of it.

    Examples
    --------
    >>> camel("down_block"), camel("ResNet-50"), camel("50 ways"), camel("层"), camel("'); import os #")
    ('DownBlock', 'ResNet50', 'Net50Ways', '', 'ImportOs')
    """
    words = re.findall(r"[A-Za-z0-9]+", label)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"Net{name}" if name[:1].isdigit() or iskeyword(name) else name


def torch_name(kind: type[nn.Module]) -> str:
    """Return how code calls a class of torch's, or a helper."""
    return f"nn.{kind.__name__}" if vars(nn).get(kind.__name__) is kind else kind.__name__
