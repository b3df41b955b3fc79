"""The ``__init__`` of a written class: what makes each layer, in torch's own words."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter

from nnarch_nb.verbs.build.layers.arguments import signature_of
from nnarch_nb.verbs.build.python.classes import Classes, has_class, is_number, numbers, torch_name
from nnarch_nb.verbs.build.python.printer import Called, Expression, literal
from nnarch_nb.verbs.build.python.tree import Leaf, Node, Part, Step

BY_NAME = ("dim", "start_dim")  # never told by their place alone


def made(step: Step, parent: str, classes: Classes, given: Iterator[str]) -> Expression:
    """Return the expression that makes a part.

    Parameters
    ----------
    step, parent
        The part, and the form of the node that holds it.
    classes
        Those of the network.
    given
        What is written for each number; the part takes its own.
    """
    part = step.part
    if isinstance(part, Leaf):
        return layer(part, given)
    if not part.steps:
        return Called("nn.Identity")
    if has_class(part, parent):
        return instance(part, classes, given)
    return repeated(part, classes, given) if part.form == "repeat" else contained(part, classes, given)


def layer(leaf: Leaf, given: Iterator[str]) -> Called:
    """Return the call of a layer's class: what it needs by place, what differs from torch's own by name."""
    signature = signature_of(leaf.kind).parameters
    written = {
        name: next(given) if is_number(value) else literal(value) for name, value in leaf.given.items()
    }
    needed = [name for name, parameter in signature.items() if parameter.default is Parameter.empty]
    more = [
        name for name in written if name not in needed and written[name] != literal(signature[name].default)
    ]
    args: list[tuple[str | None, Expression]] = [(None, written[name]) for name in needed]
    first = next(iter(signature), None)
    for name in more:
        lone = not needed and more == [first] and name not in BY_NAME
        args.append((None if lone else name, written[name]))
    return Called(torch_name(leaf.kind), tuple(args))


def instance(part: Part, classes: Classes, given: Iterator[str]) -> Called:
    """Return the call of a written class."""
    group = classes.of(part)
    taken = tuple(next(given) for _ in numbers(part))
    values = group.call(taken)
    names: list[str | None] = list(group.arguments) if len(values) > 1 else [None] * len(values)
    return Called(group.name, tuple(zip(names, values, strict=True)))


def contained(node: Node, classes: Classes, given: Iterator[str]) -> Called:
    """Return layers in a row by their names, in what runs them or only holds them."""
    parts = tuple((step.name, made(step, node.form, classes, given)) for step in node.steps)
    if node.plain:
        return Called("nn.Sequential", ((None, Called("OrderedDict", parts)),))
    return Called("nn.ModuleDict", ((None, Called("dict", parts)),))


def repeated(node: Node, classes: Classes, given: Iterator[str]) -> Called:
    """Return copies in a row; those that are written alike as a loop."""
    copies = [made(step, node.form, classes, given) for step in node.steps]
    runs: list[tuple[Expression, int]] = []
    for copy in copies:
        alike = bool(runs) and str(runs[-1][0]) == str(copy)
        if alike:
            runs[-1] = (copy, runs[-1][1] + 1)
        else:
            runs.append((copy, 1))
    args = tuple((None, looped(copy, times)) for copy, times in runs)
    if node.plain:
        return Called("nn.Sequential", args)
    inner: Expression = Called("", args, "[]") if len(args) > 1 or runs[0][1] == 1 else str(args[0][1])[1:]
    return Called("nn.ModuleList", ((None, inner),))


def looped(copy: Expression, times: int) -> Expression:
    return copy if times == 1 else f"*[{copy} for _ in range({times})]"
