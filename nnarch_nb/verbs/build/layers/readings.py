"""In which order the arguments of a layer are meant: the input size left out, or torch's own.

Without the prefix ``nn.`` they are those of torch's Lazy classes: ``Conv2d(32, 3)`` has 32 output channels
and a kernel of 3. What reads as torch's own order all the same, such as ``Conv2d(1, 32, 3)`` on one channel,
is refused rather than guessed at: it would make a network that runs and is not the one that was meant.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import Layer
from nnarch_nb.verbs.build.language.cure import Cure, told
from nnarch_nb.verbs.build.layers import class_of, make
from nnarch_nb.verbs.build.layers.arguments import (
    SIZED,
    Reading,
    each,
    fits,
    known_shape,
    meant,
    reading,
    signature_of,
    without,
)
from nnarch_nb.verbs.build.layers.usual import USUAL, USUAL_KERNEL


@dataclass(frozen=True)
class Made:
    """A layer in the order of its arguments that is meant.

    Attributes
    ----------
    given
        The arguments by name, the inferred one among them.
    module
        Made of them.
    """

    given: dict[str, Any]
    module: nn.Module


def settled(layer: Layer, x: torch.Tensor | None) -> Made:
    """Return the layer with the size that follows from its input.

    Parameters
    ----------
    layer
        As written.
    x
        Its input on ``meta``; None where it is not known.

    Raises
    ------
    NNArchError
        The name, an argument or its value is wrong, the size cannot be inferred, or the arguments read as
        torch's own order.
    """
    given = given_for(layer, class_of(layer), None if x is None else x.shape)
    return Made(given, make(layer, given))


def given_for(layer: Layer, kind: type[nn.Module], shape: torch.Size | None) -> dict[str, Any]:
    """Return the arguments by name, the inferred one among them."""
    signature = signature_of(kind)
    if layer.own or layer.name not in SIZED or SIZED[layer.name][0] in dict(layer.kwargs):
        return meant(layer, reading(layer, signature))
    return Orders.of(layer, signature, known_shape(layer, shape)).given()


@dataclass(frozen=True)
class Orders:
    """Both readings of one layer's arguments.

    Attributes
    ----------
    layer, signature
        As written, and as torch takes it.
    shape
        Of the input, the batch included.
    lazy, torchs
        Read without the input size, and in torch's own order.
    agrees
        Whether torch's order gives the input size that follows.
    """

    layer: Layer
    signature: inspect.Signature
    shape: torch.Size
    lazy: Reading
    torchs: Reading
    agrees: bool

    @classmethod
    def of(cls, layer: Layer, signature: inspect.Signature, shape: torch.Size) -> Orders:
        name, dimension = SIZED[layer.name]
        lazy, torchs = reading(layer, without(signature, {name})), reading(layer, signature)
        agrees = not torchs.problem and fits(torchs.given[name], shape, dimension)
        return cls(layer, signature, shape, lazy, torchs, agrees)

    @property
    def name(self) -> str:
        """Return the argument that follows from the input."""
        return SIZED[self.layer.name][0]

    @property
    def size(self) -> int:
        return self.shape[SIZED[self.layer.name][1]]

    def given(self) -> dict[str, Any]:
        """Return the arguments by name; refuse torch's own order."""
        if self.lazy.problem and self.agrees and "Norm" in self.layer.name:
            return self.torchs.given  # BatchNorm2d(64): the size alone, which can be nothing else
        if self.torchs_order:
            raise self.refusal()
        return {self.name: self.size} | meant(self.layer, self.lazy)

    @property
    def torchs_order(self) -> bool:
        """Whether this reads as torch's own order: it fits that, and not or hardly the other."""
        if self.torchs.problem:
            return False
        usual = USUAL.get(self.layer.name)
        return bool(self.lazy.problem) or (
            usual is not None and not usual(self.defaults(), self.size if self.agrees else None)
        )

    def defaults(self) -> dict[str, Any]:
        """Return the arguments without the size, those that were left out at their defaults."""
        return {p.name: p.default for p in self.signature.parameters.values()} | self.lazy.given

    def refusal(self) -> NNArchError:
        if self.agrees:
            torchs = hasattr(nn, self.layer.name)  # this package's own layers have no other spelling
            own = f", or {self.own()} with the size" if torchs else ""
            problem = f"reads as torch's own order; write {self.short()}{own}"
            cures = [self.short(), *([self.own()] if torchs else [])]
        else:
            cures = [self.short()]
            problem = (
                f"gives {self.name}={self.torchs.given[self.name]!r} but {tuple(self.shape[1:])} comes "
                f"before it; sizes that follow are left out: {self.short()}"
            )
        cures += [self.named(self.lazy.given)] if self.thinkable else []
        also = f"; {cures[-1]} if that is meant" if self.thinkable else ""
        return told(
            f"{self.layer.place}: {self.layer} {problem}{also}", [Cure("instead", (each,)) for each in cures]
        )

    @property
    def thinkable(self) -> bool:
        """Whether the reading without the size might be meant after all, by its second number."""
        if self.lazy.problem or len(self.lazy.given) < 2:
            return False
        second = list(self.lazy.given.values())[1]
        return not self.agrees or all(isinstance(n, int) and n <= USUAL_KERNEL for n in each(second))

    def short(self) -> Layer:
        """Return torch's reading without the size; with names where places would read as torch's again."""
        place = list(self.signature.parameters).index(self.name)
        args = self.layer.args[:place] + self.layer.args[place + 1 :]
        shorter = replace(self.layer, args=args)
        again = Orders.of(shorter, self.signature, self.shape).torchs_order
        return self.named(self.torchs.given) if again else shorter

    def own(self) -> Layer:
        """Return torch's reading with the prefix, the batch first as it comes here."""
        own = replace(self.layer, own=True)
        if "batch_first" not in self.signature.parameters or "batch_first" in self.torchs.given:
            return own
        return replace(own, kwargs=(*own.kwargs, ("batch_first", True)))

    def named(self, given: Mapping[str, Any]) -> Layer:
        """Return the layer without its size and, its first argument aside, by names: they have one order."""
        first = next(name for name in self.signature.parameters if name != self.name)
        rest = tuple((name, value) for name, value in given.items() if name not in (first, self.name))
        return Layer(self.layer.name, tuple(given[name] for name in [first] if name in given), rest)
