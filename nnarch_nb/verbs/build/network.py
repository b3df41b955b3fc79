"""From a plan to a network: an ordinary ``nn.Module`` that remembers what it was written as."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Sequence as Several
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.result import Result
from nnarch_nb.core.rng import seeded
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.language import Path, write
from nnarch_nb.verbs.build.layers import make
from nnarch_nb.verbs.build.modules import Add, Chain, Concat, Repeat, Residual, Unembed
from nnarch_nb.verbs.build.planning.plan import Plan, planned


class Sequence(Chain, Result):
    """A network made by ``build``: an ordinary ``nn.Sequential`` that remembers its specification.

    Attributes
    ----------
    spec
        Its text in the layer language; ``build(model.spec, ...)`` makes the same architecture, its weights
        drawn as torch does, also where a family of that text draws them another way.
    input_shape
        Of one sample; None where it was not given.
    shapes
        Of the output of each layer for one sample, where the input was given.
    plan
        The layers with their inferred arguments and shapes, those inside others too.
    seed
        That the weights were drawn from.
    initialised
        How, in words.
    source
        Where the architecture comes from; empty for layers as written.
    classes, vocabulary
        What its answers and tokens stand for, where it was built for data.

    Examples
    --------
    >>> from nnarch_nb import build
    >>> model = build("Repeat(2, Residual(Linear(8), ReLU())), Linear(3)", (8,))
    >>> [name for name, _ in model.named_children()], model.shapes
    (['repeat1', 'linear1'], ((8,), (3,)))
    >>> model.repeat1[0].body.linear1
    Linear(in_features=8, out_features=8, bias=True)
    """

    def __init__(self, layers: OrderedDict[str, nn.Module], spec: str, title: str, seed: int) -> None:
        super().__init__(layers)
        self.spec = spec
        self.nnarch_name = title
        self.seed = seed
        self.initialised = "weights by torch's own initialisation"
        self.source = ""
        self.classes: tuple[str, ...] = ()
        self.vocabulary: Vocabulary | None = None
        self.input_shape: tuple[int, ...] | None = None
        self.shapes: tuple[tuple[int, ...], ...] = ()
        self.plan: tuple[Plan, ...] = ()

    def __getitem__(self, place: int | slice) -> Any:
        """Return one layer, or several in a row: those alone are not the network of the text any more."""
        if isinstance(place, slice):
            return Chain(OrderedDict(list(self._modules.items())[place]))
        return super().__getitem__(place)

    def generate(
        self, tokens: Any, n: int, *, temperature: float = 1.0, top_k: int | None = None, seed: int = 0
    ) -> Any:
        """Return a prompt continued by ``n`` tokens, in its form: see the verb ``generate``."""
        from nnarch_nb.verbs.generate.continuing import Draws, generated

        return generated(self, tokens, n, Draws(temperature, top_k, seed), told=False).continued

    def to_python(self, name: str | None = None) -> str:
        """Return source code that makes the same network with torch alone: see ``python.to_python``."""
        from nnarch_nb.verbs.build.python import to_python

        return to_python(self, name)


@torch.inference_mode(False)  # weights made in inference mode could never learn
def assemble(layers: Path, example: torch.Tensor | None, seed: int, title: str) -> Sequence:
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
    if not isinstance(title, str):
        raise NNArchError(f"name= is what results call the network, a text, not {shorten(repr(title))}")
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # initialising nothing is what meta is for
        plans, _ = planned(layers, example)
    with seeded(seed):
        network = Sequence(children(plans), write(layers), title, seed)
    tie(network)
    network.plan = plans
    if example is not None:
        network.input_shape = tuple(example.shape[1:])
        network.shapes = tuple(plan.shape for plan in plans if plan.shape is not None)
    return network


def children(plans: Several[Plan]) -> OrderedDict[str, nn.Module]:
    return OrderedDict((plan.name, module_of(plan)) for plan in plans)


def module_of(plan: Plan) -> nn.Module:
    """Return what is planned, with weights of its own."""
    if plan.layer.combines:
        return COMBINED[plan.layer.name](plan)
    return make(plan.layer, plan.given)


def alone_or_chain(path: tuple[Plan, ...]) -> nn.Module:
    return module_of(path[0]) if len(path) == 1 else Chain(children(path))


def residual(plan: Plan) -> nn.Module:
    body, *shortcut = plan.inside
    return Residual(chain(body), chain(shortcut[0]) if shortcut and shortcut[0] else None)


def chain(path: tuple[Plan, ...]) -> Chain:
    """Return layers in a row; a part that stands alone is that row itself."""
    if len(path) == 1 and path[0].layer.combines and path[0].layer.name == "Branch":
        return chain(path[0].inside[0])
    return Chain(children(path))


def repeat(plan: Plan) -> nn.Module:
    return Repeat(OrderedDict((str(i), alone_or_chain(path)) for i, path in enumerate(plan.inside)))


def concat(plan: Plan) -> nn.Module:
    return Concat(*map(alone_or_chain, plan.inside), dim=dict(plan.layer.kwargs).get("dim", 1))


COMBINED: dict[str, Callable[[Plan], nn.Module]] = {
    "Residual": residual,
    "Repeat": repeat,
    "Add": lambda plan: Add(*map(alone_or_chain, plan.inside)),
    "Concat": concat,
    "Branch": lambda plan: chain(plan.inside[0]),
}


def tie(network: nn.Module) -> None:
    """Give every ``Unembed`` the first embedding's weights."""
    first = next((module for module in network.modules() if isinstance(module, nn.Embedding)), None)
    for module in network.modules():
        if isinstance(module, Unembed) and first is not None:
            module.tie(first)
