"""From what ``build`` was asked for to a network: one way for families, texts and lists."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import PurePath
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.data import Data
from nnarch_nb.core.inputs import as_call
from nnarch_nb.core.options import require_whole
from nnarch_nb.core.rng import seeded
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.families import FAMILIES, choice
from nnarch_nb.verbs.build.families.ahead import begin_at_last, is_ahead
from nnarch_nb.verbs.build.language import Layer, Path, pointing, read, text_of
from nnarch_nb.verbs.build.language.cure import cures_of, told
from nnarch_nb.verbs.build.layers import layer_called
from nnarch_nb.verbs.build.network import Sequence, assemble
from nnarch_nb.verbs.build.suiting import (
    makes_mask,
    refuse_other_answers,
    refuse_other_count,
    refuse_unseen_padding,
)
from nnarch_nb.verbs.data import as_data


def network_for(
    spec: Any, inputs: Any, classes: int | None, options: dict[str, Any], name: str | None, seed: int
) -> Sequence:
    """Return the network that was asked for.

    Parameters
    ----------
    spec, inputs, classes, name, seed
        As ``build`` takes them.
    options
        Of a family; those that are None were not given.
    """
    spec, inputs = as_written(spec, inputs)
    data = inputs if isinstance(inputs, Data) else None
    if classes is not None:
        classes = require_whole("classes", classes, 1)
        refuse_other_count(classes, data)
    elif data is not None:
        classes = data.outputs
    example = example_from(inputs)
    shape = tuple(example.shape[1:]) if example is not None else None
    given = {option: value for option, value in options.items() if value is not None}
    text, family = text_and_family(spec, data, shape, classes, given)
    layers = read(text)
    if family is not None and example is None:
        example = example_from(family.shape)
    if example is not None and not isinstance(inputs, (Data, torch.Tensor)) and reads_tokens(layers):
        example = example.long()  # a shape says nothing of tokens; the layer that reads them does
    with pointing(text), telling_of_pooling(layers, example):
        network = assemble(layers, example, seed, name or (family.title if family else "Network"))
    if family is None:
        embeds = any(isinstance(module, nn.Embedding) for module in network.modules())
        refuse_unseen_padding(makes_mask(network, data), embeds, data)
        refuse_other_answers(network, data, classes)
    elif family.initialise is not None:
        initialise(network, family.initialise, seed)
    if family is not None and data is not None and is_ahead(data, classes):
        begin_at_last(network, data)
    remember(network, data, family)
    return network


@contextmanager
def telling_of_pooling(layers: Path, example: torch.Tensor | None) -> Iterator[None]:
    """Say of a size that does not fit which pooling or flattening before it makes it fit, if one does.

    A forgotten pooling is likelier than a wrong size, as in the published SimpleCNN.
    """
    try:
        yield
    except NNArchError as error:
        if not any(cure.where == "size" for cure in cures_of(error)):
            raise
        # Only here: what tries changes to a draft asks this module for its network.
        from nnarch_nb.verbs.build.draft.pooled import missing_pooling

        words = missing_pooling(layers, example)
        if words is None:
            raise
        raise told(f"{error}, or {words}", cures_of(error)) from None


def as_written(spec: Any, inputs: Any) -> tuple[Any, Any]:
    """Return the text and input of a network that was built here; data by its name, and all else, as it is.

    Raises
    ------
    NNArchError
        A network was made elsewhere, or is a part of another: it has no text.
    """
    inputs = as_data(inputs) if isinstance(inputs, (str, PurePath)) else inputs
    if not isinstance(spec, nn.Module):
        return spec, inputs
    text = getattr(spec, "spec", "")
    if not isinstance(text, str) or not text:
        raise NNArchError(
            f"{type(spec).__name__} was not made by build, so there is no text of it: write its layers, such "
            "as Linear(64), ReLU(), Linear(10)"
        )
    return text, getattr(spec, "input_shape", None) if inputs is None else inputs


def example_from(inputs: Any) -> torch.Tensor | None:
    """Return a batch as wide as the samples, where they are known."""
    if inputs is None:
        return None
    refuse_samples(inputs)
    tensors = as_call(inputs).tensors
    if len(tensors) != 1:
        raise NNArchError(f"build takes one input tensor but input= gives {len(tensors)}")
    return tensors[0]


def refuse_samples(inputs: Any) -> None:
    """Say how samples with their targets become data, which has the sizes that a network needs.

    Raises
    ------
    NNArchError
        The inputs are a table, or hold samples beside targets.
    """
    if hasattr(inputs, "columns") and not isinstance(inputs, Data):
        raise NNArchError("a table becomes data first: data(df, target='…'); give build what that returns")
    pair = isinstance(inputs, (tuple, list)) and len(inputs) in (2, 4, 6)
    parts: list[Any] = (
        list(inputs) if pair else [inputs.get("x"), inputs.get("y")] if isinstance(inputs, dict) else []
    )
    arrays = [part for part in parts if getattr(part, "ndim", 0)]
    if len(arrays) > 1 and len(arrays) == len(parts) and len(arrays[0]) == len(arrays[1]) > 1:
        raise NNArchError(
            "samples with their targets become data first: data((x, y)); give build what that returns"
        )


def remember(network: Any, data: Any, family: choice.Chosen | None) -> None:
    """Note on the network where its architecture comes from and what its answers and tokens stand for."""
    if family is not None:
        network.source = family.source
    if data is not None:
        network.classes, network.vocabulary = data.classes, data.vocabulary


def text_and_family(
    spec: Any,
    data: Any,
    shape: tuple[int, ...] | None,
    classes: int | None,
    options: dict[str, Any],
) -> tuple[str, choice.Chosen | None]:
    """Return the text of the layers, and the family that wrote it if one did."""
    listed = isinstance(spec, (list, tuple)) and all(isinstance(item, (str, Layer)) for item in spec)
    if not listed and not isinstance(spec, str):
        raise NNArchError(
            f"a specification is a family's name or a text of layers, not {shorten(repr(spec))}"
        )
    word = "" if listed else spec.strip()
    if not word.replace("-", "_").isidentifier():
        if options:
            verb = "belongs" if len(options) == 1 else "belong"
            raise NNArchError(
                f"{', '.join(options)} {verb} to a family ({', '.join(FAMILIES)}), not to layers"
            )
        return text_of(spec), None
    if choice.known(word) is None and (layer := layer_called(word)):
        raise NNArchError(
            f"a layer is written with parentheses: {layer}(); the families are {', '.join(FAMILIES)}"
        )
    family = choice.chosen(word, data, shape, classes, options)
    return family.text, family


def reads_tokens(layers: Path) -> bool:
    """Whether the first layer that runs looks tokens up; a list of paths begins with its first."""
    if not layers:
        return False
    if layers[0].combines:
        return any(reads_tokens(path) for path in layers[0].paths)
    return layers[0].name.startswith("Embedding")


def initialise(network: Any, function: str, seed: int) -> None:
    """Draw the weights as the family's source does, from the same seed."""
    module, name = function.split(":")
    draw = getattr(import_module(module), name)
    with seeded(seed):
        draw(network)
    # The function's own first sentence says what it does: "Draw weights as …".
    says = (inspect.getdoc(draw) or "").split("\n")[0]
    network.initialised = says.removeprefix("Draw ").rstrip(".")
