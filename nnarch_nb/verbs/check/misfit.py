"""Why a run that reached its end is still not as it should be: the input misread, or another result."""

from __future__ import annotations

from typing import Any

from torch import nn

from nnarch_nb.core.inputs import Call
from nnarch_nb.core.network import name_of
from nnarch_nb.core.trace import Row, Trace, channelless
from nnarch_nb.verbs.check.finding import Case, Finding, Widths, layer_at, named
from nnarch_nb.verbs.check.mixing import mixing_step

RETURNS = ("out_features", "out_channels")  # how many of these a layer returns


def missing_channels(case: Case) -> Finding | None:
    """Return that a picture without channels passed for a single picture without a batch."""
    row, call = channelless(case.model, case.call, case.run), case.call
    if row is None:
        return None
    who, sample = named(row.path, row.kind), "×".join(map(str, call.sample or ()))
    reason = f"{who} wants channels, and the sample {sample} has none: the batch is taken for them"
    return Finding(row.path, row.kind, reason, row.inputs[0], "channelless")


def other_result(case: Case) -> Finding | None:
    """Return that the network's result is not one row of numbers for each sample, as the data asks for."""
    model, call, run, widths = case.model, case.call, case.run, case.widths
    if case.dense:
        return other_shape(case)
    if not widths or run.returned != "tensor" or fits(call, run.output, widths):
        return None
    output: Any = run.output
    if output == () and 1 in widths:
        reason = f"{name_of(model)} returns no row for a batch of one sample: squeeze(-1) keeps the batch"
        return Finding("", type(model).__name__, reason, output)
    wanted, sizes = widths[0], output[1:]
    if not batch_kept(call, run):
        reason = (
            f"{name_of(model)} returns the shape {output} for one sample, the data asks for {(1, wanted)}; "
            "where a view or flatten mixes the batch into the features, x.flatten(1) keeps them apart"
        )
        shape = tuple(call.tensors[0].shape)
        step = mixing_step(run, shape[0])
        return Finding("", type(model).__name__, reason, shape, "mixed" if step else "", detail=step)
    if class_numbers(run):
        reason = (
            f"{name_of(model)} returns {counted(sizes)} a sample, the number of a class from argmax, but the "
            f"data asks for {wanted} scores: take the argmax outside of it"
        )
        return Finding("", type(model).__name__, reason, output, "argmax", expected=wanted)
    row = last_layer(model, run) if len(sizes) == 1 else None
    who = named(row.path, row.kind) if row else name_of(model)
    reason = f"{who} returns {counted(sizes)} a sample but the data asks for {wanted}"
    if row is None:
        return Finding("", type(model).__name__, reason, output)
    size = next((name for name in RETURNS if hasattr(layer_at(model, row.path), name)), None)
    return Finding(row.path, row.kind, reason, output, "result", size=size, expected=wanted, got=sizes[0])


def other_shape(case: Case) -> Finding | None:
    """Return that there is not an answer for every step or pixel of each sample, as the data asks for."""
    output: Any = case.run.output
    wanted = (*case.call.tensors[0].shape[:1], *case.dense)
    if case.run.returned != "tensor" or output == wanted:
        return None
    shapes = ["×".join(map(str, shape)) if shape else "a single number" for shape in (output or (), wanted)]
    reason = f"{name_of(case.model)} returns {shapes[0]} but the data asks for {shapes[1]}, batch included"
    return Finding("", type(case.model).__name__, reason, output)


def class_numbers(run: Trace) -> bool:
    """Whether the result is what an argmax made."""
    end = next((step.id for step in reversed(run.operations) if step.kind == "output"), None)
    return any(edge.target == end and run.operations[edge.source].name == "argmax" for edge in run.edges)


def fits(call: Call, output: Any, widths: Widths) -> bool:
    """Whether the result is a row of such a width for each sample; one number may lack its dimension."""
    batch = tuple(call.tensors[0].shape[:1])
    return output in [(*batch, width) for width in widths] or (1 in widths and output == batch)


def counted(sizes: tuple[int, ...]) -> str:
    many = "×".join(map(str, sizes)) if sizes else "1"
    return f"{many} number{'' if many == '1' else 's'}"


def last_layer(model: nn.Module, run: Trace) -> Row | None:
    """Return the last layer with weights, if the width of the result is that of what it returned."""
    last = next((row for row in reversed(run.rows) if row.leaf and row.own_params and row.calls), None)
    if last is None or last.outputs[:1] == (run.output,):
        return last
    layer, output = layer_at(model, last.path), run.output or ()
    return last if output[-1:] in [(getattr(layer, name, None),) for name in RETURNS] else None


def batch_kept(call: Call, run: Trace) -> bool:
    """Tell whether as many results come out as samples went in: a layer may swallow the batch."""
    batch = {x.shape[0] for x in call.tensors if x.dim()}
    output = run.output if isinstance(run.output, tuple) and run.output else None
    return not batch or output is None or isinstance(output[0], tuple) or output[0] in batch
