"""The whole file: imports, helpers, the classes of parts, and the network's own last."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.modules import OWN_LAYERS, Unembed
from nnarch_nb.verbs.build.modules.packing import run_packed
from nnarch_nb.verbs.build.network import Sequence
from nnarch_nb.verbs.build.python.classes import Classes, Group, camel, has_class, numbers
from nnarch_nb.verbs.build.python.helpers import IMPORTS, imports, sources
from nnarch_nb.verbs.build.python.making import made
from nnarch_nb.verbs.build.python.printer import INDENT, Called, laid_out, statement
from nnarch_nb.verbs.build.python.running import forward
from nnarch_nb.verbs.build.python.tree import Leaf, Node, Part, leaves, tree_of

DEFAULT = "Network"
INSIDE, DEEPER = " " * INDENT, " " * 2 * INDENT
ABOUT = {
    "residual": "What the layers make, added to what came in.",
    "shortcut": "What the layers make, added to a shortcut around them.",
    "add": "The sum of what its paths make of the same input.",
    "concat": "What its paths make of the same input, joined.",
    "chain": "One of the blocks of layers.",
}


def as_built(model: Any) -> Sequence:
    """Return the network; refuse one that its plan does not describe.

    Raises
    ------
    NNArchError
        It was not made by ``build``, or is not any more what was.
    """
    if not isinstance(model, Sequence) or not model.plan:
        raise NNArchError(
            f"to_python writes networks made by build; {shorten(type(model).__name__)} is source code already"
        )
    for path, leaf in leaves(tree_of(model.plan, model.input_shape)):
        name = ".".join(path)
        try:
            module = model.get_submodule(name)
        except AttributeError:
            raise NNArchError(f"{name} was removed after the network was built; build it without") from None
        refuse_changed(name, module, leaf)
    return model


def refuse_changed(name: str, module: nn.Module, leaf: Leaf) -> None:
    with torch.device("meta"):
        built = leaf.kind(**leaf.given)
    kind = nn.Linear if isinstance(module, Unembed) else type(module)
    if kind is not leaf.kind or module.extra_repr() != built.extra_repr():
        now, then = (f"{type(m).__name__}({m.extra_repr()})" for m in (module, built))
        raise NNArchError(f"{name} is {shorten(now)} now but was built as {shorten(then)}; build it so")


def written(network: Sequence, name: str | None = None) -> str:
    """Return the source code of a network."""
    tree = tree_of(network.plan, network.input_shape)
    helpers = helpers_of(tree)
    title = camel(name or network.nnarch_name) or DEFAULT
    reserved = {*IMPORTS, *OWN_LAYERS, run_packed.__name__}
    title = f"{title}Network" if title in reserved else title
    classes = Classes(tree, {*reserved, title})
    top = Group(tree, title)
    top.rows[()] = tuple(number.value for number in numbers(tree))
    top.settle()
    parts = [
        *sources(helpers),
        *(class_of(group, classes, [about(group)]) for group in classes.groups.values()),
        class_of(top, classes, summary(network, title), ties(network, tree)),
    ]
    code = "\n\n\n".join(parts)
    return f"{imports(code)}\n\n\n{code}\n"


def helpers_of(tree: Node) -> list[Any]:
    """Return the classes and functions of this package that the network uses, in order."""
    found: dict[Any, None] = {}
    for _, leaf in leaves(tree):
        if OWN_LAYERS.get(leaf.kind.__name__) is leaf.kind:
            found[leaf.kind] = None
    if any(step_packs(node) for node in nodes(tree)):
        found[run_packed] = None
    return list(found)


def nodes(node: Node) -> list[Node]:
    return [
        node,
        *(inner for step in node.steps if isinstance(step.part, Node) for inner in nodes(step.part)),
    ]


def step_packs(node: Node) -> bool:
    return any(
        step.masked and isinstance(step.part, Leaf) and issubclass(step.part.kind, nn.RNNBase)
        for step in node.steps
    )


def class_of(group: Group, classes: Classes, doc: list[str], more: list[str] | None = None) -> str:
    """Return the source of one class."""
    node = group.node
    given = iter(group.expressions)
    making = [
        statement(f"self.{step.name} = ", made(step, node.form, classes, given), 2 * INDENT)
        for step in node.steps
        if isinstance(step.part, Leaf) or step.part.steps
    ]
    typed = [f"{name}: {annotation(values)}" for name, values in group.arguments.items()]
    takes = ["self", "x: torch.Tensor", *(["mask: torch.Tensor"] if node.masked else [])]
    lines = [
        f"class {group.name}(nn.Module):",
        *docstring(doc),
        "",
        *signature("__init__", ["self", *typed], "None"),
        f"{DEEPER}super().__init__()",
        *making,
        *(DEEPER + line for line in more or []),
        "",
        *signature("forward", takes, "torch.Tensor"),
        *(DEEPER + line for line in forward(node)),
    ]
    return "\n".join(lines)


def signature(name: str, takes: list[str], gives: str) -> list[str]:
    """Return the head of a method, broken as a formatter does."""
    call = Called(f"def {name}", tuple((None, parameter) for parameter in takes))
    return (INSIDE + laid_out(call, INDENT, INDENT, len(f" -> {gives}:")) + f" -> {gives}:").split("\n")


def docstring(lines: list[str]) -> list[str]:
    if len(lines) == 1:
        return [f'{INSIDE}"""{lines[0]}"""']
    return [f'{INSIDE}"""{lines[0]}', *(f"{INSIDE}{line}".rstrip() for line in lines[1:]), f'{INSIDE}"""']


def annotation(values: tuple[Any, ...]) -> str:
    """Return the type of an argument with these values."""
    kinds = {type(value) for value in values}
    if kinds <= {int, float}:
        return "int" if kinds == {int} else "float"
    return "tuple[int, ...]" if kinds == {tuple} else "int | tuple[int, ...]"


def about(group: Group) -> str:
    """Return what a class is, in a line."""
    beside = any(step.name == "shortcut" for step in group.node.steps)
    said = ABOUT["shortcut" if beside else group.node.form]
    names = ", ".join(f"`{label}`" for label in sorted(group.labels) if label)
    return f"{names}: {said[0].lower()}{said[1:]}" if names else said


def summary(network: Sequence, title: str) -> list[str]:
    """Return the network's docstring: what it takes and gives, how large it is, how to use it."""
    called = plain(network.nnarch_name) or title
    count = f"{sum(p.numel() for p in network.parameters()):,} parameters"
    shape, tokens = network.input_shape, reads_tokens(network)
    if shape is None:
        return [f"{called}: {count}."]
    answer = network.shapes[-1]
    example = f"torch.zeros({', '.join(map(str, (2, *shape)))}{', dtype=torch.long' if tokens else ''})"
    return [
        f"{called}: {batch(shape)} -> {batch(answer)}, {count}.",
        "",
        f">>> model = {title}().eval()",
        f">>> model({example}).shape",
        f"torch.Size({[2, *answer]})",
        "",
        "Weights begin as torch draws them; `load_state_dict` takes those of the original.",
    ]


def batch(shape: tuple[int, ...]) -> str:
    return f"({', '.join(['n', *map(str, shape)])}{',' if not shape else ''})"


def plain(title: str) -> str:
    """Return a title as it can stand in a docstring: letters, digits, and marks that mean nothing there."""
    return re.sub(r"[^\w .,:;+*/()@-]+", " ", title).strip()[:40]


def reads_tokens(network: Sequence) -> bool:
    first = next((m for m in network.modules() if not list(m.children())), None)
    return isinstance(first, (nn.Embedding, nn.EmbeddingBag))


def ties(network: Sequence, tree: Node) -> list[str]:
    """Return the statements that give layers the same weights."""
    seen: dict[int, str] = {}
    lines = []
    for name, parameter in network.named_parameters(remove_duplicate=False):
        reached = access(tree, name.split("."))
        if id(parameter) in seen:
            lines.append(f"{reached} = {seen[id(parameter)]}  # the same weights for both")
        seen.setdefault(id(parameter), reached)
    return lines


def access(tree: Node, path: list[str]) -> str:
    """Return how code reaches a parameter by its dotted name."""
    node: Node | None
    reached, node, held = "self", tree, ".{}"
    for name in path:
        reached += held.format(name)
        inner = next((step.part for step in node.steps if step.name == name), None) if node else None
        held, node = held_by(inner, node.form if node else ""), inner if isinstance(inner, Node) else None
    return reached


def held_by(part: Part | None, parent: str) -> str:
    """Return how code reaches what a part holds."""
    if not isinstance(part, Node):
        return ".{}"
    if part.form == "repeat":
        return "[{}]"
    inline = part.form == "chain" and not has_class(part, parent) and not part.plain
    return '["{}"]' if inline else ".{}"
