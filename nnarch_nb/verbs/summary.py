"""``summary``: the table of layers with sizes and costs, from one traced forward run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from nnarch_nb.core.result import Result
from nnarch_nb.core.types import Inputs, Network

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from nnarch_nb.core.trace import Row, Trace


@dataclass(frozen=True)
class Layer:
    """One module of the network.

    Attributes
    ----------
    path, kind, depth
        Dotted path (``""`` for the network itself), class name, and how many modules it lies within.
    input, output
        Shape, batch included, of the tensor it got and gave; a tuple of shapes where there are
        several, None where it never ran.
    params, own_params, trainable
        Parameters in it and what it contains, of its own, and those of ``params`` that are trained.
    macs
        Multiply-accumulates of all its calls; None if not all could be told.
    calls
        How often it ran.
    leaf
        It is looked at as a whole.
    """

    path: str
    kind: str
    depth: int
    input: tuple[Any, ...] | None
    output: tuple[Any, ...] | None
    params: int
    own_params: int
    trainable: int
    macs: int | None
    calls: int
    leaf: bool


@dataclass(frozen=True, repr=False)
class Summary(Result):
    """A network at a glance.

    Attributes
    ----------
    name, given
        The network and what it was called with.
    params, trainable, buffers
        Numbers in it; a tensor used in several places counts once.
    weights_bytes, dtypes
        Memory of parameters and buffers, and the types of the parameters.
    macs
        Multiply-accumulates for the given inputs, without those of the kernels in ``uncounted``, whose cost
        cannot be told; a shape means a batch of one.
    output
        Shape of the result, batch included; a tuple of shapes where there are several.
    rows
        Every module, each after its parent, siblings in the order in which they ran.
    depth
        How many levels of ``rows`` the table shows.
    functions
        What ran between the layers, such as ``relu`` and ``flatten``.
    per_sample
        Whether a shape was given, so that figures are for one sample.
    mode, fallback_reason
        ``fake`` if nothing was computed, ``real`` if the network had to run, and why.
    notes
        How the network took the input, where that may surprise.
    """

    name: str
    given: str
    params: int
    trainable: int
    buffers: int
    weights_bytes: int
    dtypes: tuple[str, ...]
    macs: int
    output: tuple[Any, ...] | None
    rows: tuple[Layer, ...]
    depth: int
    functions: tuple[str, ...]
    per_sample: bool
    mode: str
    fallback_reason: str | None = None
    uncounted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        layers = f"{len(self.leaves)} layer{'s' if len(self.leaves) != 1 else ''}"
        return f"Summary({self.name}: {self.params:,} parameters, {self.macs:,} MACs, {layers})"

    @property
    def leaves(self) -> list[Layer]:
        """The modules that are looked at as a whole, without those within them."""
        return [row for row in self.visible if row.leaf]

    @property
    def visible(self) -> list[Layer]:
        """The rows that do not lie within a layer that is looked at as a whole."""
        found: list[Layer] = []
        for row in self.rows:
            last = next((above for above in reversed(found) if above.leaf), None)
            if last is None or not row.path.startswith(f"{last.path}." if last.path else ""):
                found.append(row)
        return found

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])


def summary(model: Network, inputs: Inputs, kwargs: Inputs | None = None, *, depth: int = 3) -> Summary:
    """Show a network's layers with output shapes, parameters and costs.

    Parameters
    ----------
    model
        The network; it is left as it was, and its weights are not computed with.
    inputs
        The shape of one sample without the batch dimension, a tensor, a tuple of tensors, a dict of
        keyword arguments, or a ``Data``.
    kwargs
        More keyword arguments.
    depth
        How many levels of nested modules to show, at least 1.

    Returns
    -------
    Summary
        Fields ``params``, ``macs``, ``output``, ``rows`` and more; ``to_pandas()`` gives the table.

    Raises
    ------
    NNArchError
        The forward run fails on these inputs; the message names the layer.

    Notes
    -----
    A multiply-accumulate (MAC) is one product added to a sum. Counted are matrix products,
    convolutions, attention (without a discount for masks) and recurrent gates; not counted are biases
    and element-wise functions. Most formulas are those of ``torch.utils.flop_counter``, halved.

    Examples
    --------
    >>> import torch
    >>> result = summary(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()), (4,))
    >>> result
    Summary(Sequential: 15 parameters, 12 MACs, 2 layers)
    >>> [(row.path, row.output) for row in result.rows[1:]]
    [('0', (1, 3)), ('1', (1, 3))]
    """
    from nnarch_nb.core.network import name_of
    from nnarch_nb.core.options import require_whole
    from nnarch_nb.core.trace import complete_trace

    require_whole("depth", depth, 1)
    network, call, run = complete_trace(model, inputs, kwargs)
    return Summary(
        name=name_of(network),
        given=str(call),
        params=run.params,
        trainable=run.trainable,
        buffers=run.buffers,
        weights_bytes=run.weights_bytes,
        dtypes=dtypes_of(network),
        macs=run.macs,
        output=run.output,
        rows=tuple(layer(row) for row in run.rows),
        depth=depth,
        functions=functions_of(run),
        per_sample=call.sample is not None,
        mode=run.mode,
        fallback_reason=run.fallback_reason,
        uncounted=run.uncounted,
        notes=run.notes,
    )


def layer(row: Row) -> Layer:
    return Layer(
        path=row.path,
        kind=row.kind,
        depth=row.depth,
        input=only(row.inputs),
        output=only(row.outputs),
        params=row.params,
        own_params=row.own_params,
        trainable=row.trainable,
        macs=row.macs,
        calls=row.calls,
        leaf=row.leaf,
    )


def only(shapes: tuple[tuple[int, ...], ...]) -> tuple[Any, ...] | None:
    """Return the one shape, the shapes where there are several, None where there is none."""
    return shapes[0] if len(shapes) == 1 else shapes or None


def functions_of(run: Trace) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.name for step in run.operations if step.kind == "function"))


def dtypes_of(network: nn.Module) -> tuple[str, ...]:
    names = (str(parameter.dtype).removeprefix("torch.") for parameter in network.parameters())
    return tuple(dict.fromkeys(names))
