"""From layers to a network: sizes inferred on ``meta``, which costs neither memory nor time."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter, OrderedDict

import torch
from torch import nn

from nnarch_nb.core.result import Result
from nnarch_nb.core.rng import seeded
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.batch import BATCH, output_of
from nnarch_nb.verbs.build.language import Layer, write
from nnarch_nb.verbs.build.layers import make
from nnarch_nb.verbs.build.readings import Made, settled

MOST_BYTES = 64 * 2**30  # of weights, where the machine does not say how much memory it has


class Sequence(nn.Sequential, Result):
    """A network made by ``build``: an ordinary ``nn.Sequential`` that remembers its specification.

    Attributes
    ----------
    spec
        Its text in the layer language; ``build(model.spec, ...)`` makes the same architecture.
    input_shape
        Of one sample; None where it was not given.
    shapes
        Of the output of each layer for one sample, where the input was given.
    seed
        That the weights were drawn from.
    """

    def __init__(self, layers: OrderedDict[str, nn.Module], spec: str, title: str, seed: int) -> None:
        super().__init__(layers)
        self.spec = spec
        self.nnarch_name = title
        self.seed = seed
        self.input_shape: tuple[int, ...] | None = None
        self.shapes: tuple[tuple[int, ...], ...] = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run the layers; of one that returns a tuple (recurrent layers) the first item goes on."""
        for layer in self:
            x = layer(x)
            x = x[0] if isinstance(x, tuple) else x
        return x


def assemble(layers: tuple[Layer, ...], example: torch.Tensor | None, seed: int, title: str) -> Sequence:
    """Return the network of the layers, its weights drawn from ``seed``.

    Parameters
    ----------
    layers
        As read.
    example
        A batch of one sample, for its shape and type; None where every layer brings its sizes.
    seed
        Of the weights; the session's generators stay as they were.
    title
        What results call the network.
    """
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # initialising nothing is what meta is for
        sized, shapes = inferred(layers, example)
    refuse_too_large([made.module for made in sized])
    names = named(layers)
    with seeded(seed):
        modules = [make(layer, made.given) for layer, made in zip(layers, sized, strict=True)]
    network = Sequence(OrderedDict(zip(names, modules, strict=True)), write(layers), title, seed)
    if example is not None:
        network.input_shape = tuple(example.shape[1:])
        network.shapes = tuple(tuple(shape[1:]) for shape in shapes)
    return network


def inferred(layers: tuple[Layer, ...], example: torch.Tensor | None) -> tuple[list[Made], list[torch.Size]]:
    """Run the layers one by one on ``meta``; return them and the shapes of their outputs."""
    flowing = None if example is None else torch.empty(BATCH, *example.shape[1:], dtype=example.dtype)
    sized, shapes = [], []
    for layer in layers:
        made = settled(layer, flowing)
        sized.append(made)
        if flowing is not None:
            flowing = output_of(layer, made.module, flowing)
            shapes.append(flowing.shape)
    return sized, shapes


def refuse_too_large(modules: list[nn.Module]) -> None:
    needed = sum(p.numel() * p.element_size() for module in modules for p in module.parameters())
    if needed > (most := memory_bytes()):
        raise NNArchError(
            f"the weights need {needed / 2**30:,.0f} GiB but this machine has {most / 2**30:,.0f} GiB"
        )


def memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return MOST_BYTES


def named(layers: tuple[Layer, ...]) -> list[str]:
    """Return readable names in order: ``conv1, relu1, conv2 …``.

    Examples
    --------
    >>> from nnarch_nb.verbs.build.language import read
    >>> named(read("Conv2d(8, 3), ReLU(), Conv2d(8, 3), Flatten()"))
    ['conv1', 'relu1', 'conv2', 'flatten1']
    """
    seen: Counter[str] = Counter()
    names = []
    for layer in layers:
        short = re.sub(r"\dd$", "", layer.name).lower()
        seen[short] += 1
        joint = "_" if short[-1].isdigit() else ""  # relu6_1 is not the 61st ReLU
        names.append(f"{short}{joint}{seen[short]}")
    return names
