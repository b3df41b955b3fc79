"""Labels of a loss within the network, and indices: of another type, shape or range than is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, found, times, where, who
from nnarch_nb.verbs.check.makers import remade
from nnarch_nb.verbs.check.misfit import RETURNS
from nnarch_nb.verbs.check.patches import Change, function, instead, operand, with_inputs
from nnarch_nb.verbs.check.proposal import Proposal

CLASS_LOSSES = ("cross_entropy", "nll_loss")
BINARY_LOSSES = ("binary_cross_entropy_with_logits", "binary_cross_entropy")
# Where the index lies among the tensors that a function is given.
INDEXED = {"gather": 1, "scatter": 1, "scatter_": 1, "scatter_add": 1, "scatter_add_": 1, "index_select": 1,
           "take_along_dim": 1, "getitem": 1, "take": 1}  # fmt: skip
OUT = re.compile(r"Target (-?\d+) is out of bounds")


def labels(case: Case, failure: Failure) -> Finding | None:
    """Find labels of another type or shape than a loss within the network reads."""
    if failure.operation not in CLASS_LOSSES or len(failure.given) < 2:
        return None
    scores, target = failure.given[:2]
    if "target dtype" in failure.message or "scalar type Long" in failure.message:
        reason = f"{where(failure)} wants labels of whole numbers, not {target.dtype}"
        return found(failure, reason, "labels", detail=("y.long()", lambda y: y.long()))
    if "multi-target" in failure.message and target.shape[1:] == (1,):
        size = f"{target.shape[0]}×1"
        reason = (
            f"{where(failure)} wants one label a sample, in one row of {scores.shape[0]}, but gets {size}"
        )
        return found(failure, reason, "labels", detail=("y.squeeze(1)", lambda y: y.squeeze(1)))
    return None


def binary_labels(case: Case, failure: Failure) -> Finding | None:
    """Find targets of a binary loss that are whole numbers, or of another shape than the scores."""
    if failure.operation not in BINARY_LOSSES or len(failure.given) < 2:
        return None
    scores, target = failure.given[:2]
    wrong = []
    if target.dtype != scores.dtype:
        wrong.append(f"targets of {scores.dtype}, not {target.dtype}")
    if target.shape != scores.shape:
        wrong.append(f"one for each score, {times(scores.shape)}, not {times(target.shape)}")
    if not wrong:
        return None
    code, change = as_scores(scores.dtype, target.dtype, scores.shape, target.shape)
    reason = f"{where(failure)} wants {' and '.join(wrong)}"
    return found(failure, reason, "labels" if change else "", detail=(code, change))


def as_scores(
    wanted: str, got: str, scores: tuple[int, ...], target: tuple[int, ...]
) -> tuple[str, Change | None]:
    """Return what makes targets of the type and shape of the scores, as code too; None if nothing does."""
    dtype = getattr(torch, wanted)
    code = "y" if wanted == got else "y.float()" if wanted == "float32" else f"y.to({dtype})"
    if scores == target:
        return code, lambda y: y.to(dtype)
    if scores == (*target, 1):
        return f"{code}.unsqueeze(-1)", lambda y: y.to(dtype).unsqueeze(-1)
    if target == (*scores, 1):
        return f"{code}.squeeze(-1)", lambda y: y.to(dtype).squeeze(-1)
    return "", None


def mend_labels(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the labels, or the index, in the form that is read."""
    failure = case.failure
    if finding.cause in ("labels", "index") and failure is not None and failure.operation:
        code, change = finding.detail
        shapes = tuple(g.shape for g in failure.given)
        which = INDEXED.get(failure.operation, 1)
        what = "labels" if finding.cause == "labels" else "index"
        yield Proposal(f"the {what} as {code}", operand(failure.operation, shapes, which, change))


def index_of_fractions(case: Case, failure: Failure) -> Finding | None:
    """Find an index of fractions."""
    at = INDEXED.get(failure.operation or "")
    if at is None or len(failure.given) <= at or not failure.given[at].dtype.startswith(("float", "bfloat")):
        return None
    reason = f"{where(failure)} wants an index of whole numbers, not {failure.given[at].dtype}"
    return found(failure, reason, "index", detail=("i.long()", lambda i: i.long()))


def label_out_of_range(case: Case, failure: Failure) -> Finding | None:
    """Find a label that is none of the classes that there are scores for."""
    told = OUT.search(failure.message)
    if told is None or failure.operation not in CLASS_LOSSES or not failure.given:
        return None
    scores, label = failure.given[0].shape, int(told.group(1))
    classes = scores[1] if len(scores) > 1 else scores[0]
    known = labels_given(case, failure)
    labels = (int(known.min()), int(known.max())) if known is not None else (label, label)
    reason = (
        f"{where(failure)} has scores for {classes} classes, 0 to {classes - 1}, but gets the label {label}"
    )
    return found(failure, reason, "classes", expected=classes, got=label, detail=labels)


def labels_given(case: Case, failure: Failure) -> torch.Tensor | None:
    """Return the labels, where they are an input as it is."""
    shape = failure.given[1].shape if len(failure.given) > 1 else None
    whole = (x for x in case.call.tensors if not x.is_floating_point() and not x.is_meta and x.numel())
    return next((x for x in whole if tuple(x.shape) == shape), None)


def mend_classes(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield labels counted from zero, samples left out, or a layer with a class more."""
    failure = case.failure
    if finding.cause != "classes" or failure is None or not failure.operation:
        return
    (least, most), classes = finding.detail, finding.expected or 0
    shapes = tuple(g.shape for g in failure.given)
    if least == 1 and most == classes:
        change = operand(failure.operation, shapes, 1, lambda y: y - 1)
        yield Proposal("the labels count from 1: y - 1", change)
    if finding.got is not None and finding.got < 0:
        yield ignoring(failure.operation, shapes, finding.got)
    row = next((r for r in reversed(case.run.rows) if r.leaf and r.calls and r.own_params), None)
    size = next((name for name in RETURNS if row and hasattr(case.layer(row.path), name)), None)
    if row is None or size is None or most < classes or getattr(case.layer(row.path), size) != classes:
        return
    other = remade(case.layer(row.path), **{size: most + 1})
    if other is not None:
        yield Proposal(f"give {row.path or row.kind} {size}={most + 1}", instead(row.path, other))


def ignoring(operation: str, shapes: Any, label: int) -> Proposal:
    def change(func: Any, args: Any, kwargs: Any) -> Any:
        return func(*args, **{**kwargs, "ignore_index": label})

    return Proposal(
        f"ignore_index={label}, if it marks what has no label", function(operation, shapes, change)
    )


def negative_row(case: Case, failure: Failure) -> Finding | None:
    """Find an embedding that is asked for a row below zero."""
    layer = case.layer(failure.path)
    if not isinstance(layer, (nn.Embedding, nn.EmbeddingBag)) or not failure.inputs:
        return None
    whole = (x for x in case.call.tensors if not x.is_floating_point() and not x.is_meta and x.numel())
    index = next((x for x in whole if tuple(x.shape) == failure.inputs[0] and int(x.min()) < 0), None)
    if index is None:
        return None
    rows = layer.num_embeddings
    reason = f"{who(failure)} has {rows} rows, 0 to {rows - 1}, but is asked for row {int(index.min())}"
    return found(failure, reason, "negative", detail=index)


def clamp_rows(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield row 0 for what is below it."""
    if finding.cause == "negative":
        text = "row 0 for negative numbers, if they stand for padding: x.clamp(min=0)"
        yield Proposal(text, with_inputs(lambda x: x.clamp(min=0), finding.detail))
