"""Numbers of one type meet weights, or a function, of another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.inputs import weight_dtype
from nnarch_nb.core.options import type_name
from nnarch_nb.core.trace import Failure, Given
from nnarch_nb.verbs.check.finding import Case, Finding, found, where, who
from nnarch_nb.verbs.check.patches import (
    Change,
    Patch,
    as_number,
    before,
    entering,
    operand,
    swapped,
    with_inputs,
)  # fmt: skip
from nnarch_nb.verbs.check.proposal import Proposal

ABOUT_TYPES = (
    "dtype", "scalar type", "Input type", "boolean masks", "floating types", "same type",
    "have the same data type", "parameter types", "not implemented for", "LongTensor", "Long or Byte",
)  # fmt: skip
FILLS = ("masked_fill", "imasked_fill", "masked_fill_")
INDICES = (nn.Embedding, nn.EmbeddingBag)
CODE = {"int64": "long", "float32": "float", "float64": "double", "float16": "half", "bool": "bool"}


def is_about_types(failure: Failure) -> bool:
    return any(words in failure.message for words in ABOUT_TYPES)


def mask_of_numbers(case: Case, failure: Failure) -> Finding | None:
    """Find a mask of numbers where one of true and false is wanted."""
    function = failure.operation in FILLS
    attention = isinstance(case.layer(failure.path), nn.MultiheadAttention)
    masks = failure.given[1:] if function else failure.arguments[3:] if attention else ()
    numbers = ("int", "uint", "float") if function else ("int", "uint")  # attention adds fractions
    mask = next((g for g in masks if g.dtype.startswith(numbers)), None)
    if mask is None and not ("mask" in failure.message and is_about_types(failure)):
        return None
    if not is_about_types(failure):
        return None
    got = f", not {mask.dtype}" if mask else ""
    place = where(failure) if function else who(failure)
    return found(failure, f"{place} wants a mask of bool{got}", "mask")


def mend_mask(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the mask as bool."""
    failure = case.failure
    if finding.cause == "mask" and failure is not None:
        yield Proposal("the mask is one of numbers: mask.bool()", masks_as_bool(failure))


def masks_as_bool(failure: Failure) -> Patch:
    def as_bool(value: Any) -> Any:
        whole = isinstance(value, torch.Tensor) and not value.is_floating_point()
        return value.bool() if whole else value

    if failure.operation in FILLS:
        shapes = tuple(g.shape for g in failure.given)
        return operand(failure.operation or "", shapes, 1, lambda mask: mask.bool())
    return entering(
        failure.path,
        lambda args, kwargs: (tuple(map(as_bool, args)), {key: as_bool(v) for key, v in kwargs.items()}),
    )


def other_type(case: Case, failure: Failure) -> Finding | None:
    """Find numbers of another type than the weights that they meet."""
    if not is_about_types(failure):
        return None
    layer = case.layer(failure.path)
    got = culprit(layer, failure)
    if got is None:
        return None
    if isinstance(layer, INDICES):
        reason = f"{who(failure)} looks up rows by whole numbers but gets {got.dtype}"
        return found(failure, reason, "type", detail="int64")
    wanted = weights_type(layer, failure)
    if wanted == got.dtype:
        return None
    made = f", made by {got.source}" if got.source not in ("", "input") else ""
    if next(layer.parameters(recurse=False), None) is not None:
        reason = f"{who(failure)} has weights of {wanted} but gets numbers of {got.dtype}{made}"
    else:
        reason = f"{where(failure)} is given both {wanted} and {got.dtype}{made}"
    return found(failure, reason, "type", detail=wanted)


def weights_type(layer: nn.Module, failure: Failure) -> str:
    weight = next((g.dtype for g in failure.given if g.weight), None)
    return weight or type_name(weight_dtype(layer))


def culprit(layer: nn.Module, failure: Failure) -> Given | None:
    """Return the tensor of the wrong type: the first that is no weight and has another type than those."""
    wanted = "int64" if isinstance(layer, INDICES) else weights_type(layer, failure)
    given = [g for g in (*failure.given, *failure.arguments) if not g.weight]
    return next((g for g in given if g.dtype != wanted), None)


def convert_type(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield numbers of the type that is wanted: of the inputs, or in front of the layer."""
    if finding.cause != "type" or case.failure is None:
        return
    wanted = getattr(torch, finding.detail)
    got = culprit(case.layer(finding.path), case.failure)
    if got is None:
        return
    if got.source == "input" and case.call.tensors:
        yield from inputs_as(got, wanted)
    elif "complex" in got.dtype:
        yield in_front(case.failure, finding, got, "x.abs()", torch.abs)
    else:
        code = f"x.{CODE[finding.detail]}()" if finding.detail in CODE else f"x.to({wanted})"
        yield in_front(case.failure, finding, got, code, lambda x: x.to(wanted))
    if wanted in (torch.float16, torch.bfloat16, torch.float64) and got.dtype == "float32":
        yield Proposal("the network in single precision: model.float()", all_weights(torch.float32))


def in_front(failure: Failure, finding: Finding, got: Given, code: str, change: Change) -> Proposal:
    if got in failure.given and failure.operation and got.shape != finding.shape:
        which = failure.given.index(got)
        shapes = tuple(g.shape for g in failure.given)
        return Proposal(
            f"{code} before {failure.operation}", operand(failure.operation, shapes, which, change)
        )
    return Proposal(f"{code} before {finding.who}", before(finding.path, change))


def inputs_as(got: Given, wanted: torch.dtype) -> Iterator[Proposal]:
    if wanted is torch.int64:
        yield Proposal("whole numbers are wanted: x.long()", with_inputs(lambda x: x.long()))
    elif got.dtype == "uint8":
        text = "fractions are wanted: x.float() / 255, if they are pixels"
        yield Proposal(text, with_inputs(lambda x: x.to(wanted) / 255 if x.dtype == torch.uint8 else x))
    elif got.dtype == "bool" or got.dtype.startswith("int"):
        code = "x.float()" if wanted is torch.float32 else f"x.to({wanted})"
        yield Proposal(f"fractions are wanted: {code}", with_inputs(lambda x: x.to(wanted)))
    else:
        name = type_name(wanted)
        yield Proposal(f"the weights are {name}: x.to({wanted})", with_inputs(lambda x: as_number(x, wanted)))


def all_weights(dtype: torch.dtype) -> Patch:
    """Return a patch under which all weights are of one type."""

    @contextmanager
    def patch(model: nn.Module, call: Any) -> Iterator[Any]:
        with ExitStack() as stack:
            for module in model.modules():
                for table, kind in ((module._parameters, nn.Parameter), (module._buffers, lambda t, _: t)):
                    changed = {
                        name: kind(tensor.detach().to(dtype), False)
                        for name, tensor in table.items()
                        if tensor is not None and tensor.is_floating_point()
                    }
                    stack.enter_context(swapped(table, changed, call))
            yield call

    return patch
