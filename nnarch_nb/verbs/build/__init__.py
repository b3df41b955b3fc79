"""``build``: from a family's name or a list of layers to an ordinary ``nn.Module``."""

from __future__ import annotations

import inspect
from typing import Any

from nnarch_nb.core.options import require_number, require_whole
from nnarch_nb.core.types import Inputs, Network, Spec
from nnarch_nb.errors import NNArchError, pick, shorten
from nnarch_nb.verbs.build.families import FAMILIES, Family
from nnarch_nb.verbs.build.language import Layer, read

MOST = 100_000  # of units, layers or classes: above it a slip of the finger is likelier than a wish


def build(
    spec: Spec,
    input: Inputs | None = None,
    classes: int | None = None,
    *,
    width: int | None = None,
    depth: int | None = None,
    dropout: float | None = None,
    name: str | None = None,
    seed: int = 0,
) -> Network:
    """Make a network from a family's name or a list of layers.

    Parameters
    ----------
    spec
        A family (``mlp``, ``cnn``), or layers in torch.nn's own names, parted by commas or lines:
        ``Conv2d(32, 3), ReLU(), Flatten(), Linear(10)``. Sizes that follow from the input are left out.
        A layer that could as well be in torch's order, its input size first, means the reading that
        torch can run and, of two such, the one with usual numbers: a kernel of at most 11, odd or one that
        halves or tiles, no more padding than keeps the size, no default written out at the end; at most 4
        recurrent layers; no less given than got. Where that does not tell, it is refused with a spelling
        for each. With the prefix ``nn.`` the arguments are torch's own. The text is parsed, never executed.
    input
        The shape of one sample, such as ``1,28,28``, a tensor, or the data the network is for.
    classes
        How many outputs; taken from the data where ``input`` is data.
    width, depth
        Of a family: units or channels of the first hidden layer, number of hidden layers.
    dropout
        Of a family: the share of units dropped in training, from 0 to 1.
    name
        What results call the network; by default the family's title.
    seed
        Of the initial weights. torch's own initialisation is used; the global generator is not moved.

    Returns
    -------
    torch.nn.Module
        An ``nn.Sequential`` with readable names and its text as ``.spec``; recurrent layers hand on
        their output sequence, batch first.

    Raises
    ------
    NNArchError
        An unknown layer or argument (with line and column), arguments with two readings, a layer that
        does not accept what comes before it or mixes the samples of a batch, sizes that cannot be
        inferred, or weights larger than the machine's memory.

    Examples
    --------
    >>> import nnarch_nb
    >>> model = nnarch_nb.build("cnn", (1, 28, 28), classes=10)
    >>> sum(p.numel() for p in model.parameters())
    1199882
    >>> nnarch_nb.build("Linear(64), ReLU(), Linear(3)", input=(4,))[0]
    Linear(in_features=4, out_features=64, bias=True)
    """
    from nnarch_nb.core.data import Data
    from nnarch_nb.core.inputs import as_call
    from nnarch_nb.verbs.build.network import assemble

    call = None if input is None else as_call(input)
    if call is not None and len(call.tensors) != 1:
        raise NNArchError(f"build takes one input tensor but input= gives {len(call.tensors)}")
    if isinstance(input, Data) and classes is None:
        classes = input.outputs
    if classes is not None:
        classes = require_whole("classes", classes, 1)
    options = {"width": width, "depth": depth, "dropout": dropout}
    given = {name: value for name, value in options.items() if value is not None}
    example = call.tensors[0] if call is not None else None
    title, layers = layers_from(
        spec, tuple(example.shape[1:]) if example is not None else None, classes, given
    )
    if example is not None and call is not None and call.sample and layers[0].name.startswith("Embedding"):
        example = example.long()  # a shape says nothing of tokens; the layer that reads them does
    network = assemble(layers, example, seed, name or title)
    refuse_other_classes(network.shapes, classes)
    return network


def layers_from(
    spec: Any, shape: tuple[int, ...] | None, classes: int | None, options: dict[str, Any]
) -> tuple[str, tuple[Layer, ...]]:
    """Return the title and layers that the specification stands for."""
    from nnarch_nb.verbs.build.layers import layer_called

    if isinstance(spec, (list, tuple)) and all(isinstance(item, (str, Layer)) for item in spec):
        spec = "\n".join(map(str, spec))
    if not isinstance(spec, str):
        raise NNArchError(
            f"a specification is a family's name or a text of layers, not {shorten(repr(spec))}"
        )
    word = spec.strip()
    if not word.replace("-", "_").isidentifier():
        if options:
            raise NNArchError(
                f"{', '.join(options)} belong to a family ({', '.join(FAMILIES)}), not to layers"
            )
        return "Network", read(spec)
    word = word.lower() if word.lower() in FAMILIES else word
    if word not in FAMILIES and (layer := layer_called(word)):
        raise NNArchError(
            f"a layer is written with parentheses: {layer}(); the families are {', '.join(FAMILIES)}"
        )
    family = pick(word, FAMILIES, "family")
    return family.title, read(text_of(word, family, shape, classes, options))


def text_of(
    word: str, family: Family, shape: tuple[int, ...] | None, classes: int | None, options: dict[str, Any]
) -> str:
    """Return the layers of a family for this input, its options checked."""
    if shape is None or classes is None:
        missing = "input=, such as 1,28,28" if shape is None else "classes=, such as 10"
        raise NNArchError(f"{word} needs {missing}; or give the data as input")
    known = list(inspect.signature(family.write).parameters)[2:]
    for name in options:
        if name not in known:
            raise NNArchError(f"{word} has no {name}; it takes {', '.join(known)}")
    checked = {name: checked_option(name, value) for name, value in options.items()}
    return family.write(shape, require_whole("classes", classes, 1, MOST), **checked)


def checked_option(name: str, value: Any) -> float:
    if name != "dropout":
        return require_whole(name, value, 1, MOST)
    if (share := require_number(name, value, 0)) > 1:
        raise NNArchError(f"dropout={share:g} is out of range: 0 to 1")
    return share


def refuse_other_classes(shapes: tuple[tuple[int, ...], ...], classes: int | None) -> None:
    if classes is not None and shapes and shapes[-1] != (classes,):
        raise NNArchError(
            f"the network returns {shapes[-1]} for a sample but there are {classes} classes; "
            f"end with {'' if len(shapes[-1]) == 1 else 'Flatten(), '}Linear({classes})"
        )
