"""Sequences: hidden states, positions, rows of an embedding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, who
from nnarch_nb.verbs.check.makers import MOST_WEIGHTS
from nnarch_nb.verbs.check.patches import Patch, entering, holding, with_inputs
from nnarch_nb.verbs.check.proposal import Proposal

EXPANDED = re.compile(r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)")
HIDDEN = re.compile(r"Expected hidden(?:\[\d\])? size \(([\d, ]+)\), got \[([\d, ]+)\]")


def out_of_rows(case: Case, failure: Failure) -> Finding | None:
    """Find an embedding that is asked for a row that it has not."""
    layer, index = case.layer(failure.path), failure.index
    if not failure.inputs or index is None or layer.num_embeddings > index:
        return None
    rows = layer.num_embeddings
    reason = f"{who(failure)} has {rows} rows, 0 to {rows - 1}, but is asked for row {index}"
    return found(failure, reason, "rows", size="num_embeddings", expected=rows, got=index + 1)


def other_states(case: Case, failure: Failure) -> Finding | None:
    """Find a recurrent layer that is given one state where it wants two, or the other way round."""
    layer = case.layer(failure.path)
    pair = failure.takes[1:2] == ("tuple",)
    if not isinstance(layer, nn.RNNBase) or len(failure.takes) < 2 or pair == isinstance(layer, nn.LSTM):
        return None
    given, wants = ("a pair of states", "h alone") if pair else ("one state", "a pair (h, c)")
    reason = f"{who(failure)} is given {given}, but {type(layer).__name__} wants {wants}"
    return found(failure, reason, "states", detail="first" if pair else "pair")


def hidden_shape(case: Case, failure: Failure) -> Finding | None:
    """Find a first state of another shape than the recurrent layer wants."""
    told = HIDDEN.search(failure.message)
    if told is None:
        return None
    wanted, got = (tuple(int(size) for size in part.split(",")) for part in told.groups())
    reason = (
        f"{who(failure)} wants a first state of {times(wanted)} (layers·directions, batch, hidden size) "
        f"but gets {times(got)}"
    )
    return found(failure, reason, "states", detail=(wanted, got))


def mend_states(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the state transposed, or one of zeros, which is what a layer takes that is given none."""
    if finding.cause != "states":
        return
    if finding.detail == "first":
        yield Proposal(
            f"give {finding.who} h alone: {finding.who}(x, h)", on_states(finding, lambda state: state[0])
        )
    elif finding.detail == "pair":
        text = f"give {finding.who} a pair: {finding.who}(x, (h, torch.zeros_like(h)))"
        yield Proposal(text, on_states(finding, lambda state: (state, torch.zeros_like(state))))
    else:
        wanted, got = finding.detail
        if got == (wanted[1], wanted[0], *wanted[2:]):
            change = each(lambda state: state.transpose(0, 1).contiguous())
            yield Proposal(
                "h.transpose(0, 1).contiguous(): the batch comes second", on_states(finding, change)
            )
        text = f"torch.zeros{wanted} for the first state"
        yield Proposal(text, on_states(finding, each(lambda state: state.new_zeros(wanted))))


def each(change: Any) -> Any:
    return lambda state: tuple(map(change, state)) if isinstance(state, tuple) else change(state)


def on_states(finding: Finding, change: Any) -> Patch:
    def changed(args: Any, kwargs: Any) -> Any:
        if len(args) > 1:
            return (args[0], change(args[1]), *args[2:]), kwargs
        return args, {key: change(value) if key == "hx" else value for key, value in kwargs.items()}

    return entering(finding.path, changed)


def held_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Return the tensors of a module of its own: parameters, buffers, plain attributes."""
    plain = {name: value for name, value in vars(module).items() if isinstance(value, Tensor)}
    known = {**module._parameters, **module._buffers, **plain}
    return {name: tensor for name, tensor in known.items() if tensor is not None}


def held_by(module: nn.Module, shape: Sizes) -> str:
    """Return the name of the tensor of a module that has this shape, or holds it as a slice."""
    for name, tensor in held_tensors(module).items():
        own = tuple(tensor.shape)
        if own == shape or own == shape[1:] or is_slice(shape, own):
            return name
    return ""


def is_slice(shape: Sizes, whole: Sizes) -> bool:
    """Whether a shape is that of another but for one dimension, of which it holds a part."""
    differ = [(a, b) for a, b in zip(shape, whole, strict=False) if a != b]
    return len(shape) == len(whole) and len(shape) > 1 and len(differ) == 1 and differ[0][0] < differ[0][1]


def too_few_positions(case: Case, failure: Failure) -> Finding | None:
    """Find a table of positions that is shorter than the sequence that it is added to."""
    if failure.operation not in ("add", "iadd") or len(failure.given) != 2:
        return None
    sequence, table = sorted(failure.given, key=lambda g: not g.source)
    if not sequence.source or table.source or len(table.shape) not in (2, 3) or len(sequence.shape) != 3:
        return None
    name, axis = held_by(case.layer(failure.path), table.shape), len(table.shape) - 2
    steps, positions = sequence.shape[1], table.shape[axis]
    if not name or table.shape[-1] != sequence.shape[-1] or positions >= steps:
        return None
    reason = f"{name} of {who(failure)} holds {positions} positions but the sequence has {steps}"
    return found(failure, reason, "positions", expected=positions, got=steps, detail=(name, axis))


def more_positions(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a longer table of positions, and a shorter sequence."""
    if finding.cause == "positions" and finding.detail is not None:
        name, axis = finding.detail
        table = held_tensors(case.layer(finding.path))[name]
        shape = tuple((finding.got or 0) if i == axis else size for i, size in enumerate(table.shape))
        if prod(shape) <= MOST_WEIGHTS:
            patch = holding(finding.path, name, table.detach().new_zeros(shape))
            yield Proposal(f"give {name} {finding.got} positions: the shape {shape}", patch)


def made_shorter(case: Case, failure: Failure) -> Finding | None:
    """Find positions that a network keeps for shorter sequences."""
    told = EXPANDED.search(failure.message)
    steps, positions = map(int, told.groups()) if told else (0, 0)
    if positions >= steps or positions < 2 or not any(x.shape[1:2] == (steps,) for x in case.call.tensors):
        return None
    reason = f"{who(failure)} is made for {positions} positions but the sequence has {steps}"
    return found(failure, reason, "positions", expected=positions, got=steps)


def shorter_sequence(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield a sequence that is cut to what the table of positions holds."""
    most, steps = finding.expected, finding.got
    long = any(x.shape[1:2] == (steps,) for x in case.call.tensors)
    if finding.cause in ("positions", "rows") and long and most:
        cut = with_inputs(lambda x: x[:, :most] if x.shape[1:2] == (steps,) else x)
        yield Proposal(f"a sequence of at most {most}: x[:, :{most}]", cut)
