"""What a layer returns is not the one tensor that the next one takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, found, named, who
from nnarch_nb.verbs.check.patches import before, function, leaving
from nnarch_nb.verbs.check.proposal import Proposal

TUPLE = (
    "must be Tensor, not tuple", "'tuple' object has no attribute", "tuple indices must be", "and 'tuple'",
    "'tuple' and",
)  # fmt: skip
OBJECT = re.compile(r"must be Tensor, not (\w+)|'(\w+)' object has no attribute")
PARTS = ("last_hidden_state", "logits")  # of the objects that models of transformers return


def nothing_given(case: Case, failure: Failure) -> Finding | None:
    """Find a layer that is given None, because one before it returns nothing."""
    if failure.message.startswith("it returns None"):
        return found(failure, f"the forward of {who(failure)} returns None: it lacks a return", "none")
    if "NoneType" not in failure.message:
        return None
    rows = [row for row in case.run.rows if row.calls and not row.outputs]
    if not rows:
        return None
    silent = named(rows[-1].path, rows[-1].kind)
    return found(
        failure, f"{silent} returns None, which {who(failure)} is given: its forward lacks a return", "none"
    )


def tuple_given(case: Case, failure: Failure) -> Finding | None:
    """Find a tuple of recurrent layers or attention, of which the first is what goes on."""
    if failure.error not in ("TypeError", "AttributeError") or not any(
        words in failure.message for words in TUPLE
    ):
        return None
    made = next((row for row in reversed(ran_in_order(case)) if returns_tuple(case.layer(row.path))), None)
    if made is None:
        return None
    layer = case.layer(made.path)
    second = "weights of attention" if isinstance(layer, nn.MultiheadAttention) else "last state"
    tuple_of = f"{named(made.path, made.kind)} returns a tuple: its output and the {second}"
    reason = f"{who(failure)} works on a tensor, but {tuple_of}"
    return found(failure, reason, "tuple", detail=made.path)


def ran_in_order(case: Case) -> list[Any]:
    order = {op.path: op.id for op in case.run.operations if op.kind == "module"}
    return sorted((row for row in case.run.rows if row.path in order), key=lambda row: order[row.path])


def returns_tuple(layer: nn.Module) -> bool:
    return isinstance(layer, (nn.RNNBase, nn.MultiheadAttention))


def take_first(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the first of the tuple."""
    if finding.cause == "tuple":
        whole = [row.path for row in case.run.rows if row.path == finding.detail]
        text = f"take the output alone: {whole[0]}(…)[0]"
        if (case.failure and case.failure.takes[:1] == ("tuple",)) and finding.path:
            yield Proposal(text, before(finding.path, lambda x: x[0] if isinstance(x, tuple) else x))
        else:
            yield Proposal(text, leaving(finding.detail, lambda result: result[0]))


def without_argmax(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the scores in the place of the number of the largest."""
    if finding.cause == "argmax":
        last = next(step for step in reversed(case.run.operations) if step.name == "argmax")
        shape = next(edge.shape for edge in case.run.edges if edge.target == last.id)
        patch = function("argmax", (shape,), lambda func, args, kwargs: args[0] if args else kwargs["input"])
        yield Proposal("return the scores, without the argmax", patch)


def object_given(case: Case, failure: Failure) -> Finding | None:
    """Find an object with tensors in it, as models of transformers return, where one tensor is taken."""
    told = OBJECT.search(failure.message) if failure.error in ("TypeError", "AttributeError") else None
    kind = next(filter(None, told.groups()), "") if told else ""
    outer = failure.path.rpartition(".")[0] if "must be Tensor" in failure.message else failure.path
    rows = [row for row in case.run.rows if row.parent == outer and row.path and row.calls and row.outputs]
    made = next((row for row in reversed(rows) if not row.leaf and row.path != failure.path), None)
    if made is None or kind in ("", "tuple", "NoneType", type(case.layer(failure.path)).__name__):
        return None
    reason = f"{who(failure)} works on a tensor, but {named(made.path, made.kind)} returns a {kind}"
    return found(failure, reason, "object", detail=made.path)


def take_part(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the tensor that such an object is asked for first."""
    for part in PARTS if finding.cause == "object" else ():

        def taken(result: Any, part: str = part) -> Any:
            value = getattr(result, part, None)
            return value if isinstance(value, torch.Tensor) else result

        yield Proposal(f"take its tensor: {finding.detail}(…).{part}", leaving(finding.detail, taken))
