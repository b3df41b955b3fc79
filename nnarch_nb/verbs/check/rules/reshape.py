"""A view, reshape or flatten cannot be made, or mixes the batch into the features."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from torch import nn

from nnarch_nb.core.trace import Failure, Operation
from nnarch_nb.errors import shorten
from nnarch_nb.verbs.check.finding import Case, Finding, Sizes, found, times, where, who
from nnarch_nb.verbs.check.mixing import mixing_step
from nnarch_nb.verbs.check.patches import Change, Patch, function, operand, setting
from nnarch_nb.verbs.check.proposal import Proposal

VIEWS = ("view", "reshape", "unflatten")


def impossible_view(case: Case, failure: Failure) -> Finding | None:
    """Find a tensor that cannot be viewed in the sizes that the code writes down."""
    if failure.operation not in VIEWS or not failure.given:
        return None
    shape, sizes = failure.given[0].shape, sizes_of(failure.values)
    if "stride" in failure.message:
        reason = (
            f"{where(failure)} cannot look at {times(shape)} in another shape after a transpose or permute"
        )
        return found(failure, reason, "order", detail=shape)
    if not sizes or "invalid for input" not in failure.message:
        return None
    reason = f"{where(failure)} cannot make {listed(sizes)} from {times(shape)} = {prod(shape)} numbers"
    if fixes_batch(shape, sizes):
        reason += f": the batch size {sizes[0]} is written in, the batch here is {shape[0]}"
        return found(failure, reason, "fixed batch", detail=(failure.operation, shape, sizes))
    return found(failure, reason, "view", detail=(failure.operation, shape, sizes))


def sizes_of(values: tuple[Any, ...]) -> Sizes:
    """Return the sizes that a view was asked for, given one by one or together."""
    plain = values[1] if len(values) > 1 and isinstance(values[1], tuple) else values[1:]
    return tuple(plain) if all(type(size) is int for size in plain) else ()


def listed(sizes: Sizes) -> str:
    return f"({', '.join(map(str, sizes))})"


def fixes_batch(shape: Sizes, sizes: Sizes) -> bool:
    rest = prod(sizes[1:])
    fits = prod(shape) == rest * shape[0] if -1 not in sizes[1:] else prod(shape[1:]) % -rest == 0
    return sizes[0] > 0 and sizes[0] != shape[0] and len(sizes) > 1 and fits


def view_anew(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the view with the batch size taken from the input, or a flatten that asks for no size."""
    if finding.cause == "order" and case.failure and case.failure.operation:
        shapes = (finding.detail,)
        patch = operand(case.failure.operation, shapes, 0, lambda x: x.contiguous())
        yield Proposal(f".reshape in the place of .{case.failure.operation}", patch)
    if finding.cause == "fixed batch":
        operation, shape, sizes = finding.detail
        text = (
            f"take the batch size from the input: x.{operation}(x.size(0), {', '.join(map(str, sizes[1:]))})"
        )
        yield Proposal(text, viewing(operation, shape, lambda x: x.reshape(x.shape[0], *sizes[1:])))
    if finding.cause == "view":
        operation, shape, sizes = finding.detail
        if len(sizes) == 2 and len(shape) > 2:
            text = (
                f"x.flatten(1) in the place of {operation}{listed(sizes)} gives {shape[0]}×{prod(shape[1:])}"
            )
            yield Proposal(text, viewing(operation, shape, lambda x: x.flatten(1)))


def viewing(operation: str, shape: Sizes, change: Change) -> Patch:
    def instead(func: Any, args: Any, kwargs: Any) -> Any:
        return change(args[0] if args else kwargs["input"])

    return function(operation, (shape,), instead)


def lost_batch(case: Case, failure: Failure) -> Finding | None:
    """Find a linear layer that is given what a view or flatten made of all samples together."""
    step = mixing(case, failure) if isinstance(case.layer(failure.path), nn.Linear) else None
    if step is None:
        return None
    operation, shape = step
    made = operation.shapes[0]
    reason = (
        f"{who(failure)} expects {case.layer(failure.path).in_features} features but gets {made[-1]}: "
        f"{operation.name} makes {times(made)} of {times(shape)} and mixes the batch into the features"
    )
    return found(failure, reason, "mixed", detail=(operation, shape), expected=None)


def mixing(case: Case, failure: Failure) -> tuple[Operation, Sizes] | None:
    """Return the step that gave another number of rows than there are samples, and what it was given."""
    shape = failure.inputs[0] if failure.inputs else None
    batch = {x.shape[0] for x in case.call.tensors if x.dim()}
    if shape is None or len(shape) > 2 or len(batch) != 1 or (len(shape) == 2 and shape[0] in batch):
        return None
    return mixing_step(case.run, batch.pop())


def keep_batch(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the flatten that keeps the batch."""
    if finding.cause != "mixed":
        return
    step, shape = finding.detail
    text = f"x.flatten(1) in the place of {step.name} gives {shape[0]}×{prod(shape[1:])}"
    if step.kind == "module":
        values = {"start_dim": 1}
        yield Proposal(
            f"Flatten(1) for {step.path}: {shape[0]}×{prod(shape[1:])}", setting(step.path, values)
        )
    else:
        yield Proposal(text, viewing(step.name, shape, lambda x: x.flatten(1)))


def no_such_dimension(case: Case, failure: Failure) -> Finding | None:
    """Find a function that is asked for a dimension that its tensor has not."""
    if "Dimension out of range" not in failure.message or not failure.given:
        return None
    shape = failure.given[0].shape
    asked = failure.message.rpartition("got ")[2].rstrip(")")
    reason = (
        f"{where(failure)} is asked for dimension {asked}, but {times(shape)} has only 0 to {len(shape) - 1}"
    )
    return found(
        failure, reason, "dimension", detail=(int(asked), shape) if asked.lstrip("-").isdigit() else None
    )


def last_dimension(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the last dimension in the place of one that there is not."""
    failure = case.failure
    if finding.cause != "dimension" or finding.detail is None or failure is None or not failure.operation:
        return
    asked = finding.detail[0]

    def swap(value: Any) -> Any:
        return -1 if type(value) is int and value == asked else value

    def change(func: Any, args: Any, kwargs: Any) -> Any:
        return func(*map(swap, args), **{key: swap(value) for key, value in kwargs.items()})

    shapes = tuple(g.shape for g in failure.given)
    yield Proposal("the last dimension: dim=-1", function(failure.operation, shapes, change))


def wrong_order(case: Case, failure: Failure) -> Finding | None:
    """Find a permute that names more dimensions, or fewer, than there are."""
    if failure.operation not in ("permute", "movedim") or not failure.given or not sizes_of(failure.values):
        return None
    shape, order = failure.given[0].shape, sizes_of(failure.values)
    if len(shape) == len(order):
        return None
    orders = f"orders {len(order)} dimensions, {listed(order)}"
    reason = f"{where(failure)} {orders}, but {times(shape)} has {len(shape)}"
    return found(failure, reason, "permute")


def unpacked(case: Case, failure: Failure) -> Finding | None:
    """Find code that takes more sizes from a shape than it has, or fewer."""
    if failure.error != "ValueError" or "to unpack" not in failure.message:
        return None
    if not any(word in failure.line for word in (".shape", ".size(")):
        return None
    wanted = failure.message.partition("expected ")[2].partition(",")[0].rstrip(")")
    shape = failure.inputs[0] if failure.inputs else ()
    line = shorten(failure.line, 60)
    reason = f"{who(failure)} takes {wanted} sizes from a shape in `{line}`, but is given {times(shape)}"
    return found(failure, reason, "unpack")
