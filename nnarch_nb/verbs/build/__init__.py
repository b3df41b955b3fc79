"""``build``: from a family's name or a list of layers to an ordinary ``nn.Module``."""

from __future__ import annotations

from typing import Annotated

from nnarch_nb.core.code import offer
from nnarch_nb.core.result import Result
from nnarch_nb.core.types import Inputs, Network, OneOf, Spec
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.families import choice

NO_SPEC = "build needs a family, such as cnn, or layers, such as 'Linear(64), ReLU(), Linear(3)'"


def build(
    spec: Spec | None = None,
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
    ui: bool = False,
) -> Network | Result:
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
        a part and ``width = 64`` a number. What a program lists in ``nn.Sequential(...)`` can be pasted. The
        text is parsed, never executed. A network that ``build`` made stands for its text, and for its input
        where none is given.
    input
        The shape of one sample, such as ``1,28,28``, a tensor, or the data the network is for,
        by its name too.
    classes
        How many classes, labels or numbers to answer with; taken from the data where ``input`` is data.
    width
        Of a family: units or channels of the first hidden layer.
    depth
        Of a family: how many hidden layers or blocks it has.
    kernel_size
        Of a family of convolutions: the side of its kernels.
    activation
        Of a family: the function that follows each hidden layer.
    norm
        Of a family: what normalizes the answer of each hidden layer.
    dropout
        Of a family: the share of units dropped in training, from 0 to 1.
    heads
        Of a family with attention: how many heads, which share the width.
    vocab_size
        Of a family that reads tokens: how many different ones there are.
    max_len
        Of a family that reads tokens: the most steps it must take.
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
    ui
        Whether to open the builder: the layers as a list to edit, with what each makes and what is wrong.
        The text may be left out, or not fit yet. "Use as model" there keeps the network by the name that
        ``-o`` gave, or ``model``.

    Returns
    -------
    torch.nn.Module
        An ``nn.Sequential`` with readable names and its text as ``.spec``; recurrent layers hand on
        their output sequence, batch first. ``torch.export`` and ``torch.jit.trace`` take every network
        (torch's ``TransformerEncoderLayer`` is traced with ``check_trace=False``), ``torch.jit.script``
        those without attention, ``Add``, ``Concat`` and padding. ``.source`` says
        where a family comes from; of data it keeps ``.classes`` and ``.vocabulary``. With ``ui`` a draft
        of it, which a notebook shows as the builder; ``draft.network()`` makes the network.

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
    >>> print(nnarch_nb.build("resnet", (1, 8, 8), classes=10, depth=8, residual=False).source)
    He et al. 2016, Deep Residual Learning for Image Recognition, sections 4.1 and 4.2
    """
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
    if ui:
        from nnarch_nb.verbs.build.draft import drafted

        return drafted(spec, input, classes, options, name, seed)
    if spec is None:
        raise NNArchError(f"{NO_SPEC}; --ui opens the builder")
    from nnarch_nb.verbs.build.asked import network_for

    network = network_for(spec, input, classes, options, name, seed)
    if code:
        offer(network.to_python())
    return network
