"""``summary``: the table of layers with sizes and costs, from one traced forward run.

``record``   the result                         ``layer``   one row of it
``fold``     layers that repeat, as one row     ``columns`` what can be shown, and ranked by
``kept``     what training keeps for backward   ``memory``  what fits, by number type and optimizer
``stored``   the parameters by number type
``torchinfo`` what that tool says of the same network, without the harm it does, ``differences`` why, and its
``rule``, by which a reason is proven
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from nnarch_nb.core.types import Inputs, Network, OneOf
from nnarch_nb.verbs.summary.columns import columns as known_columns
from nnarch_nb.verbs.summary.columns import orders, usual
from nnarch_nb.verbs.summary.kept import KeptMemory, buffers_bytes, measured
from nnarch_nb.verbs.summary.layer import Layer, cast_names, dtypes_of, layer, outermost
from nnarch_nb.verbs.summary.memory import MIXED, PRECISIONS, Fit, optimizers
from nnarch_nb.verbs.summary.record import Summary
from nnarch_nb.verbs.summary.stored import stored
from nnarch_nb.verbs.summary.torchinfo import Torchinfo, ask

if TYPE_CHECKING:
    from torch import nn

    from nnarch_nb.core.inputs import Call
    from nnarch_nb.core.trace import Trace
    from nnarch_nb.core.trace.reach import Field

__all__ = ["Fit", "Layer", "Summary", "Torchinfo", "summary"]


def precisions() -> dict[str, Any]:
    return PRECISIONS


def summary(
    model: Network,
    inputs: Inputs,
    kwargs: Inputs | None = None,
    *,
    depth: int = 3,
    columns: Annotated[list[str] | None, OneOf(known_columns)] = None,
    sort: Annotated[str | None, OneOf(orders)] = None,
    training: bool = False,
    batch_size: int | None = None,
    dtype: Annotated[str | None, OneOf(precisions)] = None,
    memory_gb: float | None = None,
    optimizer: Annotated[str, OneOf(optimizers)] = "adam",
    engine: Literal["nnarch", "torchinfo"] = "nnarch",
) -> Summary:
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
    columns
        What to show of each layer, in this order: ``input``, ``output``, ``kernel``, ``params``,
        ``trainable``, ``buffers``, ``dtype``, ``macs``, ``share``, ``params_share``, ``memory``,
        ``memory_share``, ``receptive_field``, ``calls``. None shows those that have something to say.
    sort
        Rank the layers by a column of numbers, the largest first, or by ``name``; None shows the tree.
    training
        Run the network as in training; by default it runs as in evaluation, whatever its mode.
    batch_size
        How many samples to make where a shape is given; None makes one.
    dtype
        Look at the network as if its numbers were of this type; ``mixed`` is autocast, which leaves the
        weights as they are. None takes them as they are; a type of torch is taken too.
    memory_gb
        Ask whether training fits in so many GB (10⁹ bytes), and with which batch at most.
    optimizer
        The optimizer to reckon memory with: ``sgd``, ``momentum``, ``rmsprop``, ``adam``, ``adamw``, or
        ``none`` for inference.
    engine
        ``torchinfo`` runs that tool too, without the harm it does, and lists where its figures differ.

    Returns
    -------
    Summary
        Fields ``params``, ``macs``, ``output``, ``rows`` and more; ``to_pandas()`` gives the table, and
        ``fit(24, batch=8, dtype="bfloat16", optimizer="adam")`` tells whether that fits in 24 GB.

    Raises
    ------
    NNArchError
        The forward run fails on these inputs; the message names the layer.

    Notes
    -----
    A multiply-accumulate (MAC) is one product added to a sum. Counted are matrix products,
    convolutions, attention (without a discount for masks) and recurrent gates; not counted are biases
    and element-wise functions. Most formulas are those of ``torch.utils.flop_counter``, halved. Memory is
    an estimate: workspaces, fragmentation and what the device itself takes come on top.

    Examples
    --------
    >>> import torch
    >>> result = summary(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()), (4,))
    >>> result
    Summary(Sequential: 15 parameters, 12 MACs, 2 layers)
    >>> [(row.path, row.output) for row in result.rows[1:]]
    [('0', (1, 3)), ('1', (1, 3))]
    """
    from nnarch_nb.core.network import as_network, name_of
    from nnarch_nb.core.options import require_bool, require_names, type_name
    from nnarch_nb.core.trace import complete_trace
    from nnarch_nb.core.trace.rows import is_quantized

    columns = None if columns is None else require_names("columns", columns)
    dtype = None if dtype is None else type_name(dtype)
    check_options(depth, columns, sort, memory_gb, dtype, optimizer, engine)
    training = require_bool("training", training)
    to = None if dtype == MIXED or dtypes_of(as_network(model)) == (dtype,) else dtype
    network, call, run = complete_trace(
        model, inputs, kwargs, training=training, batch_size=batch_size, dtype=to
    )
    kept = measured(network, call, to, also=dtype == MIXED)
    rows = layers_of(network, run, kept, to)
    return Summary(
        name=name_of(network),
        given=str(call),
        params=run.params,
        trainable=run.trainable,
        buffers=run.buffers,
        weights_bytes=run.weights_bytes,
        dtypes=cast_names(dtypes_of(network), to),
        macs=run.macs,
        output=run.output,
        rows=rows,
        depth=depth,
        functions=functions_of(run),
        batch=batch_of(call),
        per_sample=call.sample is not None and batch_of(call) == 1,
        mode=run.mode,
        fallback_reason=run.fallback_reason,
        uncounted=run.uncounted,
        notes=run.notes,
        columns=tuple(columns or usual(outermost(rows), depth)),
        sort=sort,
        training=training,
        buffers_bytes=buffers_bytes(network, to),
        peak_activation_bytes=run.peak_activation_bytes,
        kept=kept,
        memory_gb=memory_gb,
        optimizer=optimizer,
        precision=dtype,
        torchinfo=ask(network, call, run, depth) if engine == "torchinfo" else None,
        stored=stored(network, run, to),
        quantized=any(map(is_quantized, network.modules())),
    )


def check_options(
    depth: int,
    columns: list[str] | None,
    sort: str | None,
    memory_gb: float | None,
    dtype: str | None,
    optimizer: str,
    engine: str,
) -> None:
    """Raise for an option that is none, before any work."""
    from nnarch_nb.core.options import require_number, require_whole
    from nnarch_nb.errors import pick

    require_whole("depth", depth, 1)
    for name in columns or []:
        pick(str(name), known_columns(), "column")
    if sort is not None:
        pick(str(sort), orders(), "order")
    if memory_gb is not None:
        require_number("memory_gb", memory_gb, above=0)
    if dtype is not None:
        pick(str(dtype), PRECISIONS, "number type")
    pick(str(optimizer), optimizers(), "optimizer")
    pick(str(engine), {"nnarch": 0, "torchinfo": 0}, "engine")


def layers_of(network: nn.Module, run: Trace, kept: KeptMemory, dtype: str | None) -> tuple[Layer, ...]:
    modules, memory = dict(network.named_modules()), kept.below([row.path for row in run.rows])
    fields = fields_of(run)
    return tuple(
        layer(row, modules.get(row.path), dtype, memory.get(row.path), fields.get(row.path))
        for row in run.rows
    )


def fields_of(run: Trace) -> dict[str, Field]:
    """Return what each layer sees of the input; the largest of its calls."""
    from nnarch_nb.core.trace.reach import Field, receptive_fields

    fields, found = receptive_fields(run), dict[str, Field]()
    for step in run.operations:
        field = fields.get(step.id)
        if step.kind == "module" and field:
            found[step.path] = max(field, found.get(step.path, field))
    return found


def functions_of(run: Trace) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.name for step in run.operations if step.kind == "function"))


def batch_of(call: Call) -> int:
    """Return how many samples the network was given: the first dimension of the first tensor."""
    shape: tuple[int, ...] = tuple(call.tensors[0].shape) if call.tensors else ()
    return shape[0] if shape and shape[0] else 1
