"""From the tree to a text that reads the same, as a person would lay it out.

Layers of one thought stand on one line: a convolution or linear layer with the normalization, activation,
pooling and dropout around it. Parts are defined above what uses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nnarch_nb.verbs.build.language.tree import Layer, Path, names_part

WIDE = 88
INDENT = "    "
ACTIVATES = re.compile(
    r"\w*LU6?|\w*[Tt]anh\w*|\w*[Ss]igmoid|\w*[Ss]wish|Mish|Soft\w+|LogSoftmax|\w*shrink|Threshold"
)
NORMALIZES = ("Norm", "Norm1d", "Norm2d", "Norm3d")
FOLLOWS = re.compile(
    rf"{ACTIVATES.pattern}|\w*Norm(\dd)?|LocalResponseNorm|\w*Pool\dd|Upsample\w*|\w*Dropout\w*|Identity"
    r"|Flatten|Transpose|ClassToken|Positions|Segments|First|Last|MeanSteps|MaxSteps"
)


def write(path: Path) -> str:
    """Return the text of the layers; ``read`` gives the same layers back.

    Examples
    --------
    >>> from nnarch_nb.verbs.build.language.reader import read
    >>> print(write(read("block = Conv2d(8, 3), ReLU(); Repeat(2, [block, Dropout(0.1)]), Flatten()")))
    block = [Conv2d(8, 3), ReLU()]
    <BLANKLINE>
    Repeat(2, block, Dropout(0.1))
    Flatten()
    """
    parts = parts_of(path)
    lines = [
        line
        for name, part in parts.items()
        for line in bracketed(f"{name} = [", part.paths[0], "", "]", parts)
    ]
    return "\n".join([*lines, *([""] if lines else []), *stacked(path, "", "", parts)])


def on_one_line(layer: Layer) -> str:
    """Return the text of one layer, the parts in it by their names."""
    return inline(layer, {part.label: part for part in layer.walk() if part.label})


def parts_of(path: Path) -> dict[str, Layer]:
    """Return the named parts, each after those it uses; of two with one name the first."""
    parts: dict[str, Layer] = {}
    for layer in path:
        for inner in layer.paths:
            for name, part in parts_of(inner).items():
                parts.setdefault(name, part)
        if layer.name == "Branch" and names_part(layer.label):
            parts.setdefault(layer.label, layer)
    return parts


def stacked(path: Path, indent: str, comma: str, parts: dict[str, Layer]) -> list[str]:
    """Return lines of layers, those of one thought on one line; each line but the last ends in ``comma``."""
    lines: list[str] = []
    for thought in thoughts(path):
        texts = [inline(layer, parts) for layer in thought]
        lines += (
            filled(texts, indent, comma) if fits(texts, indent) else broken(thought, indent, comma, parts)
        )
        lines[-1] += comma
    return lines


def fits(texts: list[str], indent: str) -> bool:
    return all(len(indent) + len(text) + 1 <= WIDE for text in texts)


def filled(texts: list[str], indent: str, comma: str) -> list[str]:
    """Return the texts on as few lines as they fit on."""
    lines = [texts[0]]
    for text in texts[1:]:
        if len(indent) + len(lines[-1]) + len(text) + 3 <= WIDE:
            lines[-1] += f", {text}"
        else:
            lines[-1] += comma
            lines.append(text)
    return [indent + line for line in lines]


def broken(thought: Path, indent: str, comma: str, parts: dict[str, Layer]) -> list[str]:
    """Return the layers one by one, a combinator that is too long with its paths on lines of their own."""
    lines: list[str] = []
    for layer in thought:
        if lines:
            more = f"{lines[-1]}, {inline(layer, parts)}"
            if len(more) < WIDE:
                lines[-1] = more
                continue
            lines[-1] += comma
        lines += opened(layer, indent, parts) if spreads(layer, parts) else [indent + inline(layer, parts)]
    return lines


def spreads(layer: Layer, parts: dict[str, Layer]) -> bool:
    return layer.combines and parts.get(layer.label) != layer


def opened(layer: Layer, indent: str, parts: dict[str, Layer]) -> list[str]:
    """Return a combinator over several lines."""
    inner = indent + INDENT
    lines = [f"{indent}{layer.name}("]
    if layer.name in ("Add", "Concat"):
        for path in layer.paths:
            lines += along(path, "", inner, parts)
        lines += [f"{inner}{key}={value!r}," for key, value in layer.kwargs]
    else:
        if layer.args:
            lines[0] += f"{layer.args[0]!r},"
        lines += stacked(layer.paths[0], inner, ",", parts)
        for path in layer.paths[1:]:
            lines += along(path, "shortcut=", inner, parts)
    return [*lines, f"{indent})"]


def along(path: Path, name: str, indent: str, parts: dict[str, Layer]) -> list[str]:
    """Return one path among others, with its name."""
    if len(path) == 1 and not unlabelled(path[0], parts):
        lines = stacked(path, indent, ",", parts)
        return [indent + name + lines[0][len(indent) :], *lines[1:]]
    lines = bracketed(f"{name}[", path, indent, "]", parts)
    return [*lines[:-1], lines[-1] + ","]


def bracketed(opening: str, path: Path, indent: str, closing: str, parts: dict[str, Layer]) -> list[str]:
    """Return a list of layers, on one line where it fits."""
    line = f"{indent}{opening}{listed(path, parts)}{closing}"
    if len(line) + 1 <= WIDE or not path:
        return [line]
    return [indent + opening, *stacked(path, indent + INDENT, ",", parts), indent + closing]


def thoughts(path: Path) -> Iterator[Path]:
    """Part the layers where a new thought begins: each has one layer at most that is more than a step."""
    group: list[Layer] = []
    for layer in path:
        if group and not belongs(layer, group):
            yield tuple(group)
            group = []
        group.append(layer)
    if group:
        yield tuple(group)


def belongs(layer: Layer, group: list[Layer]) -> bool:
    """Whether the layer goes on with what the group began, as the activation after a sum does."""
    if group[0].combines:
        normalizes = group[0].name in ("Residual", "Add") and layer.name.endswith(NORMALIZES)
        return normalizes or bool(ACTIVATES.fullmatch(layer.name))
    led = any(not FOLLOWS.fullmatch(other.name) for other in group)
    return not layer.combines and (not led or bool(FOLLOWS.fullmatch(layer.name)))


def inline(layer: Layer, parts: dict[str, Layer]) -> str:
    if layer.name == "Branch" and layer.label and parts.get(layer.label) == layer:
        return layer.label
    return f"{'nn.' if layer.own else ''}{layer.name}({', '.join(arguments(layer, parts))})"


def arguments(layer: Layer, parts: dict[str, Layer]) -> Iterable[str]:
    yield from (repr(value) for value in layer.args)
    if layer.name in ("Add", "Concat"):
        yield from (alone(path, parts) for path in layer.paths)
    elif layer.paths:
        if layer.paths[0]:
            yield listed(layer.paths[0], parts)
        yield from (f"shortcut={alone(path, parts)}" for path in layer.paths[1:])
    yield from (f"{key}={value!r}" for key, value in layer.kwargs)


def alone(path: Path, parts: dict[str, Layer]) -> str:
    """Return one path as one argument."""
    if len(path) == 1 and not unlabelled(path[0], parts):
        return inline(path[0], parts)
    return f"[{listed(path, parts)}]"


def unlabelled(layer: Layer, parts: dict[str, Layer]) -> bool:
    """Whether it is written ``Branch(...)``, which as a path is the path itself."""
    return layer.name == "Branch" and layer.combines and parts.get(layer.label) != layer


def listed(path: Path, parts: dict[str, Layer]) -> str:
    return ", ".join(inline(layer, parts) for layer in path)
