"""The ``forward`` of a written class: plain lines, the mask handed on by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn

from nnarch_nb.core.layers import layer_family
from nnarch_nb.verbs.build.python.classes import has_class
from nnarch_nb.verbs.build.python.printer import INDENT
from nnarch_nb.verbs.build.python.tree import Leaf, Node, Step

FOLLOWERS = ("activation", "normalization")  # stand on the line of the layer that they follow
MOST_NESTED = 3


@dataclass
class Lines:
    """Statements that take a tensor through layers.

    Attributes
    ----------
    into
        The variable for what comes out.
    now
        The expression of what has come out so far.
    written
        The statements before it.
    nested
        How many calls the expression holds.
    """

    into: str = "x"
    now: str = "x"
    written: list[str] = field(default_factory=list)
    nested: int = 0

    def call(self, layer: str, masked: bool = False) -> None:
        self.now = f"{layer}({self.now}{', mask' if masked else ''})"
        self.nested += 1

    def keep(self) -> None:
        """Put what has come out so far into the variable; the input stays where it is."""
        if self.now not in (self.into, "x"):
            self.say(f"{self.into} = {self.now}")

    def say(self, *lines: str) -> None:
        """Write statements after which the variable holds all."""
        self.written += lines
        self.now, self.nested = self.into, 0


def forward(node: Node) -> list[str]:
    """Return the statements of a class's forward."""
    if node.form != "chain":
        return meeting(node)
    lines = Lines()
    through(node, "self.{}", lines)
    return [*lines.written, f"return {lines.now}"]


def meeting(node: Node) -> list[str]:
    """Return the statements that bring the paths from one ``x`` together."""
    # A shortcut goes first, as where the network was built: random numbers come in that order.
    steps = sorted(node.steps, key=lambda step: step.name != "shortcut")
    paths = [Lines(into="y" if len(steps) == 1 else step.name) for step in steps]
    for step, lines in zip(steps, paths, strict=True):
        one(step, node.form, f"self.{step.name}", lines)
    for number, lines in enumerate(paths):
        if any(
            later.written for later in paths[number + 1 :]
        ):  # what is an expression yet would run after it
            lines.keep()
    written = [line for lines in paths for line in lines.written]
    results = [lines.now for lines in paths]
    if node.form == "concat":
        return [*written, f"return torch.cat([{', '.join(results)}], dim={node.dim})"]
    around = ["x"] if node.form == "residual" and len(results) == 1 else []
    return [*written, f"return {' + '.join([*around, *results])}"]


def through(node: Node, access: str, lines: Lines) -> None:
    """Write the statements of layers in a row; ``access`` says how each is reached by its name."""
    if node.makes:
        lines.keep()
        lines.written.append(f"mask = {node.makes.format(x=lines.now)}  # the steps that are not padding")
    for place, step in enumerate(node.steps):
        if not follows(step, lines):
            lines.keep()
        one(step, node.form, access.format(step.name), lines)
        if step.tokens and any(later.masked for later in node.steps[place + 1 :]):
            lines.keep()
            lines.say(f"mask = F.pad(mask, ({step.tokens}, 0), value=True)")


def follows(step: Step, lines: Lines) -> bool:
    """Whether a layer stands on the line of the one before it."""
    if not isinstance(step.part, Leaf) or step.masked or step.part.gives_tuple:
        return False
    family = layer_family(step.part.kind.__name__)
    return 0 < lines.nested < MOST_NESTED and family in FOLLOWERS


def one(step: Step, parent: str, layer: str, lines: Lines) -> None:
    """Write what takes the tensor through one part, which is reached as ``layer``."""
    part = step.part
    if isinstance(part, Leaf):
        of_layer(part, step.masked, layer, lines)
    elif has_class(part, parent):
        lines.call(layer, step.masked)
    elif part.steps and part.plain:
        lines.call(layer)
    elif part.form == "repeat":
        of_copies(part, layer, lines)
    else:
        through(part, layer + '["{}"]', lines)


def of_layer(leaf: Leaf, masked: bool, layer: str, lines: Lines) -> None:
    if masked and issubclass(leaf.kind, nn.RNNBase):
        lines.now = f"run_packed({layer}, {lines.now}, mask)"
    elif leaf.gives_tuple:
        lines.say(f"{lines.into}, _ = {layer}({lines.now})")
    else:
        lines.call(layer, masked)


def of_copies(node: Node, layers: str, lines: Lines) -> None:
    """Write a loop over copies, or one after the other where the mask ends among them."""
    lines.keep()
    if node.makes:
        lines.written.append(f"mask = {node.makes.format(x=lines.now)}  # the steps that are not padding")
    first = node.steps[0]
    if all((step.masked, step.tokens) == (first.masked, 0) for step in node.steps):
        inner = Lines(lines.into, lines.into)
        one(first, node.form, "layer", inner)
        inner.keep()
        if lines.now != lines.into:
            lines.say(f"{lines.into} = {lines.now}")
        lines.say(f"for layer in {layers}:", *(" " * INDENT + line for line in inner.written))
        return
    through(Node("repeat", node.steps), f"{layers}[{{}}]", lines)
