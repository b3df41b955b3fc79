"""``build``: from a family's name or a list of layers to an ordinary ``nn.Module``."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from nnarch_nb.core.code import offer
from nnarch_nb.core.options import require_whole
from nnarch_nb.core.types import Inputs, Network, OneOf, Spec
from nnarch_nb.errors import NNArchError, shorten
from nnarch_nb.verbs.build.families import FAMILIES, choice
from nnarch_nb.verbs.build.language import Layer, Path, pointing, read, text_of


def build(
    spec: Spec,
    input: Inputs | None = None,
    classes: int | None = None,
    *,
    width: int | None = None,
    depth: int | None = None,
    kernel_size: int | None = None,
    activation: Annotated[str, OneOf(choice.activations)] | None = None,
    norm: Annotated[str, OneOf(choice.norms)] | None = None,
    dropout: float | None = None,
    heads: int | None = None,
    vocab_size: int | None = None,
    max_len: int | None = None,
    residual: bool | None = None,
    bidirectional: bool | None = None,
    name: str | None = None,
    seed: int = 0,
    code: bool = False,
) -> Network:
    """Make a network from a family's name or a list of layers.

    Parameters
    ----------
    spec
        A family (``mlp``, ``cnn``, …), a published configuration (``resnet50``, which needs nothing else),
        or layers in torch.nn's own names, parted by commas or lines:
        ``Conv2d(32, 3), ReLU(), Flatten(), Linear(10)``. Sizes that follow from the input are left out.
        Without a prefix the arguments are those of torch's Lazy class (channels that come out, kernel);
        what reads as torch's own order, its input size first, is refused with both spellings. With the
        prefix ``nn.`` the arguments are torch's own. Layers that run others are ``Residual(a, b)``,
        ``Repeat(3, a)``, ``Add([a, b], c)``, ``Concat(a, b)`` and ``Branch(a, b)``; ``block = [a, b]`` names
        a part and ``width = 64`` a number. The text is parsed, never executed.
    input
        The shape of one sample, such as ``1,28,28``, a tensor, or the data the network is for.
    classes
        How many classes, labels or numbers to answer with; taken from the data where ``input`` is data.
    width, depth
        Of a family: units or channels of the first hidden layer, number of hidden layers or blocks.
    kernel_size
        Of a family of convolutions: the side of its kernels.
    activation, norm
        Of a family: what follows each hidden layer.
    dropout
        Of a family: the share of units dropped in training, from 0 to 1.
    heads
        Of a family with attention: how many heads, which share the width.
    vocab_size, max_len
        Of a family that reads tokens: how many there are, and the most steps it must take.
    residual
        Of a family: whether its blocks are added to what came before them.
    bidirectional
        Of a recurrent family: whether it reads from both ends.
    name
        What results call the network; by default the family's title.
    seed
        Of the initial weights; the global generator is not moved. Layers as written are initialised as
        torch does, a family as its source does.
    code
        Whether to hand out source code that makes the same network with torch alone: into the next cell of
        a notebook, on the screen elsewhere. ``model.to_python()`` returns it at any time.

    Returns
    -------
    torch.nn.Module
        An ``nn.Sequential`` with readable names and its text as ``.spec``; recurrent layers hand on
        their output sequence, batch first.

    Raises
    ------
    NNArchError
        An unknown layer or argument (with line and column), arguments in torch's own order, a layer that
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
    data = input if isinstance(input, Data) else None
    if classes is not None:
        classes = require_whole("classes", classes, 1)
    elif data is not None:
        classes = data.outputs
    options = {
        "width": width,
        "depth": depth,
        "kernel_size": kernel_size,
        "activation": activation,
        "norm": norm,
        "dropout": dropout,
        "heads": heads,
        "vocab_size": vocab_size,
        "max_len": max_len,
        "residual": residual,
        "bidirectional": bidirectional,
    }
    given = {name: value for name, value in options.items() if value is not None}
    example = call.tensors[0] if call is not None else None
    shape = tuple(example.shape[1:]) if example is not None else None
    text, family = text_and_family(spec, data, shape, classes, given)
    layers = read(text)
    if family is not None and example is None:
        example = as_call(family.shape).tensors[0]
    if example is not None and (call is None or call.sample) and reads_tokens(layers):
        example = example.long()  # a shape says nothing of tokens; the layer that reads them does
    with pointing(text):
        network = assemble(layers, example, seed, name or (family.title if family else "Network"))
    if family is None:
        refuse_other_answers(network, data, classes)
    elif family.initialise is not None:
        initialise(network, family.initialise, seed)
    remember(network, data, family)
    if code:
        offer(network.to_python())
    return network


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
    from nnarch_nb.verbs.build.layers import layer_called

    listed = isinstance(spec, (list, tuple)) and all(isinstance(item, (str, Layer)) for item in spec)
    if not listed and not isinstance(spec, str):
        raise NNArchError(
            f"a specification is a family's name or a text of layers, not {shorten(repr(spec))}"
        )
    word = "" if listed else spec.strip()
    if not word.replace("-", "_").isidentifier():
        if options:
            raise NNArchError(
                f"{', '.join(options)} belong to a family ({', '.join(FAMILIES)}), not to layers"
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
    from importlib import import_module

    from nnarch_nb.core.rng import seeded

    module, name = function.split(":")
    draw = getattr(import_module(module), name)
    with seeded(seed):
        draw(network)
    # The function's own first sentence says what it does: "Draw weights as …".
    told = (inspect.getdoc(draw) or "").split("\n")[0]
    network.initialised = told.removeprefix("Draw ").rstrip(".")


def refuse_other_answers(network: Any, data: Any, classes: int | None) -> None:
    """Raise an error if layers as written answer another question than the data or classes ask."""
    if classes is None or not network.shapes:
        return
    kind, shape = (data.kind if data is not None else "classification"), network.input_shape
    given = network.shapes[-1]
    flat = "" if len(given) == 1 else "Flatten(), "
    asked, end = {
        "reconstruction": (shape, f"layers that give back {shape}"),
        "segmentation": ((classes, *shape[1:]), f"Conv2d({classes}, 1)"),
        "next-token": ((*shape[:1], classes), f"Linear({classes})"),
    }.get(kind, ((classes,), f"{flat}Linear({classes})"))
    if given == asked or (data is None and given == (classes, *shape[1:])):
        return  # without data the classes may as well be those of each pixel
    what = f"there are {classes} classes" if kind == "classification" else f"{kind} asks for {asked}"
    raise NNArchError(f"the network returns {given} for a sample but {what}; end with {end}")
