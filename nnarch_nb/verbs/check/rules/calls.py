"""A layer or the network is called in a way that Python itself refuses."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import reduce
from typing import Any

from torch import nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.verbs.check.finding import Case, Finding, found, who
from nnarch_nb.verbs.check.patches import entering, renamed, setting
from nnarch_nb.verbs.check.proposal import Proposal

MISSING = re.compile(r"missing \d+ required positional arguments?: (.*)")
MISSING_MORE = re.compile(r"missing \d+ required keyword-only arguments?: (.*)")
SURPLUS = re.compile(r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given")
UNEXPECTED = re.compile(r"got an unexpected keyword argument '(\w+)'")
LACKS = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
QUOTED = re.compile(r"'(\w+)'")
STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
IGNORED = {"self", "args", "kwargs", "input"}


def signature_of(layer: nn.Module) -> str:
    """Return a layer's forward as its author wrote it, without types."""
    plain = []
    for name, parameter in parameters_of(layer).items():
        star = STARS.get(parameter.kind, "")
        plain.append(f"{star}{name}" if parameter.default is parameter.empty else f"{name}=…")
    return f"forward({', '.join(plain)})"


def parameters_of(layer: nn.Module) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(layer.forward).parameters)
    except (TypeError, ValueError):
        return {}


def no_forward(case: Case, failure: Failure) -> Finding | None:
    """Find a network or layer without a forward, or with one under another name."""
    layer = case.layer(failure.path)
    if 'missing the required "forward"' not in failure.message:
        return None
    near = get_close_matches("forward", own_methods(type(layer)), 1, 0.7)
    if isinstance(layer, (nn.ModuleList, nn.ModuleDict)):
        reason = f"{who(failure)} only holds layers and cannot be called: loop over it in forward"
        return found(failure, reason, "list")
    reason = f"{who(failure)} defines no forward{f': there is a method {near[0]}' if near else ''}"
    return found(failure, reason, "forward", detail=near[0] if near else None)


def own_methods(kind: type) -> list[str]:
    return [
        name for base in kind.__mro__ if base is not nn.Module and base is not object for name in vars(base)
    ]


def define_forward(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the misspelt method as forward, and a list of layers as a chain."""
    layer = case.layer(finding.path)
    if finding.cause == "forward" and finding.detail:
        values = {"forward": getattr(layer, finding.detail)}
        yield Proposal(f"rename {finding.detail} to forward", setting(finding.path, values))
    if finding.cause == "list":
        layers = list(layer.children())

        def chain(x: Any) -> Any:
            return reduce(lambda value, one: one(value), layers, x)

        text = f"an nn.Sequential for the {finding.kind}{f' {finding.path}' if finding.path else ''}"
        yield Proposal(text, setting(finding.path, {"forward": chain}))


def too_few_arguments(case: Case, failure: Failure) -> Finding | None:
    """Find a forward that is called without an argument that it needs."""
    told = MISSING.search(failure.message) or MISSING_MORE.search(failure.message)
    names = QUOTED.findall(told.group(1)) if told and failure.error == "TypeError" else []
    layer = case.layer(failure.path)
    if not names or not set(names) <= set(parameters_of(layer)):
        return None
    how = "" if failure.path else "; give the inputs as a tuple of tensors, or by name in kwargs"
    reason = f"{who(failure)} is called without {' and '.join(names)}, which {signature_of(layer)} needs{how}"
    return found(failure, reason, "missing", detail=names)


def repeat_input(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield self-attention: the input as query, key and value."""
    if (
        finding.cause == "missing"
        and finding.path
        and isinstance(case.layer(finding.path), nn.MultiheadAttention)
    ):
        count = len(finding.detail)
        text = f"for self-attention {finding.path}({', '.join(['x'] * (count + 1))})"
        change = entering(finding.path, lambda args, kwargs: ((*args, *args[:1] * count), kwargs))
        yield Proposal(text, change)


def too_many_arguments(case: Case, failure: Failure) -> Finding | None:
    """Find a forward that is given more than it takes."""
    told = SURPLUS.search(failure.message)
    layer = case.layer(failure.path)
    takes = [
        p for p in parameters_of(layer).values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if told is None or len(failure.takes) <= len(takes) or not takes:
        return None
    given = len(failure.takes)
    reason = f"{who(failure)} is given {given} arguments, but {signature_of(layer)} takes {len(takes)}"
    return found(failure, reason, "surplus", detail=len(takes))


def drop_surplus(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the call without what is too much."""
    if finding.cause == "surplus":
        most = finding.detail
        text = f"call {finding.who} with its first {'argument' if most == 1 else f'{most} arguments'} alone"
        yield Proposal(text, entering(finding.path, lambda args, kwargs: (args[:most], kwargs)))


def unexpected_name(case: Case, failure: Failure) -> Finding | None:
    """Find an argument given by a name that the forward does not know."""
    told = UNEXPECTED.search(failure.message)
    layer = case.layer(failure.path)
    if told is None or told.group(1) in parameters_of(layer):
        return None
    near = near_name(told.group(1), layer)
    hint = f"; {near} is near" if near else ""
    reason = f"{who(failure)} has no argument {told.group(1)}: {signature_of(layer)}{hint}"
    return found(failure, reason, "name", detail=(told.group(1), near))


def swallowed_name(case: Case, failure: Failure) -> Finding | None:
    """Find a name that is nearly known, where the network takes any name and then misses the right one."""
    known = parameters_of(case.model)
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return None
    for word in case.call.kwargs:
        near = None if word in known else near_name(word, case.model)
        if near and near not in case.call.kwargs:
            kind = type(case.model).__name__
            reason = f"{kind} has no argument {word}, and takes any name without a word; {near} is near"
            return found(failure, reason, "name", detail=(word, near))
    return None


def near_name(word: str, layer: nn.Module) -> str | None:
    return next(iter(get_close_matches(word, sorted(set(parameters_of(layer)) - IGNORED), 1, 0.5)), None)


def rename(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the argument under the nearest name, and the call without it."""
    if finding.cause != "name" or finding.detail[0] not in case.call.kwargs:
        return
    word, near = finding.detail
    if near and near not in case.call.kwargs:
        yield Proposal(f"give {word} as {near}", renamed(word, near))
    yield Proposal(f"leave out {word}", renamed(word, None))


def no_attribute(case: Case, failure: Failure) -> Finding | None:
    """Find a layer named in forward that the network has not."""
    told, layer = LACKS.search(failure.message), case.layer(failure.path)
    if told is None or failure.error != "AttributeError" or told.group(1) != type(layer).__name__:
        return None
    word = told.group(2)
    known = [*layer._modules, *layer._parameters, *layer._buffers, *vars(layer)]
    near = next(
        iter(get_close_matches(word, [name for name in known if not name.startswith("_")], 1, 0.6)), None
    )
    hint = f"; {near} is near" if near else ""
    reason = f"the forward of {who(failure)} uses self.{word}, which __init__ does not set{hint}"
    return found(failure, reason, "attribute", detail=(word, near))


def near_attribute(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield the attribute of the nearest name."""
    if finding.cause == "attribute" and finding.detail[1]:
        word, near = finding.detail
        values = {word: getattr(case.layer(finding.path), near)}
        yield Proposal(f"self.{near} for self.{word}", setting(finding.path, values))
