"""Sequences: hidden states, rows of an embedding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, who
from nnarch_nb.verbs.check.makers import fresh
from nnarch_nb.verbs.check.patches import Change, Patch, entering
from nnarch_nb.verbs.check.proposal import Proposal

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
    """Yield the state in the form that is wanted; last one of zeros, which throws away what was given."""
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
        for text, change in [*state_changes(case, wanted, got), zero_state(wanted)]:
            yield Proposal(text, on_states(finding, each(change)))


StateChange = tuple[str, Change]


def zero_state(wanted: Sizes) -> StateChange:
    text = f"torch.zeros{wanted} for the first state, which throws away the state that is given"
    return text, lambda state: state.new_zeros(wanted)


def state_changes(case: Case, wanted: Sizes, got: Sizes) -> Iterator[StateChange]:
    """Yield what makes a state of the given sizes one of those that are wanted."""
    if len(wanted) != len(got):
        return
    if got == (wanted[1], wanted[0], *wanted[2:]):
        text = "h.transpose(0, 1).contiguous(): the batch comes second"
        yield text, lambda state: state.transpose(0, 1).contiguous()
    if got[1:] == wanted[1:] and got[0] == 2 * wanted[0]:
        text = "for the first state the sum of both directions: h.unflatten(0, (-1, 2)).sum(1)"
        yield text, lambda state: state.unflatten(0, (-1, 2)).sum(1)
    if got[1:] == wanted[1:] and got[0] > wanted[0]:
        most = wanted[0]
        yield f"for the first state that of the last: h[-{most}:]", lambda state: state[-most:].contiguous()
    if got[:-1] == wanted[:-1]:
        linear = fresh(case.model, nn.Linear, got[-1], wanted[-1])
        yield f"an nn.Linear({got[-1]}, {wanted[-1]}) on the first state", linear


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
