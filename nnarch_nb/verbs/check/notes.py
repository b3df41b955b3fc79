"""What a reader should know of a run that reached its end: traps that raise no error.

``NOTES`` is the table; each entry yields whole sentences. A note says only what is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from nnarch_nb.core.network import TORCHS_OWN, modules_in, name_of
from nnarch_nb.core.trace.batch import is_time_first
from nnarch_nb.core.trace.rows import numbers_in
from nnarch_nb.verbs.check.finding import Case, named, times
from nnarch_nb.verbs.check.rules.calls import near_name, parameters_of
from nnarch_nb.verbs.check.rules.devices import home_of, plain_tensors

PLAIN_LISTS: tuple[tuple[type, str], ...] = (
    (dict, "nn.ModuleDict"),
    (list, "nn.ModuleList"),
    (tuple, "nn.ModuleList"),
)
SEQUENCES = (nn.Conv1d, nn.Embedding, nn.RNNBase)
POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


def notes_on(case: Case) -> tuple[str, ...]:
    return tuple(text for note in NOTES for text in note(case))


def unread_result(case: Case) -> Iterator[str]:
    """Yield that the network runs on the data, but gives no answer that the other verbs can read."""
    run = case.run
    if case.widths and not run.failure and run.returned not in ("tensor", "logits"):
        yield (
            f"It returns a {run.returned}: train, explain and attack read one tensor, "
            "or an object with .logits."
        )


def unregistered(case: Case) -> Iterator[str]:
    """Yield the layers that a plain list or dict keeps out of the network."""
    inside = {id(module) for module in case.model.modules()}
    for path, module in case.model.named_modules():
        for name, value in vars(module).items():
            better = next((better for kind, better in PLAIN_LISTS if isinstance(value, kind)), None)
            outside = [layer for layer in modules_in(value, 1) if id(layer) not in inside] if better else []
            weights: dict[int, Tensor] = {id(p): p for layer in outside for p in layer.parameters()}
            # A list of one is how a teacher or a critic is kept out on purpose.
            if name not in TORCHS_OWN and len(outside) > 1 and weights:
                yield (
                    f"{name} of {named(path, type(module).__name__)} is a plain {type(value).__name__}: its "
                    f"{len(outside)} layers with {numbers_in(weights):,} parameters are no part of the "
                    f"network and are not trained, moved or saved; {better} makes them one."
                )


def without_values(case: Case) -> Iterator[str]:
    """Yield that weights without values let shapes be followed and nothing more."""
    if any(p.is_meta for p in case.model.parameters()):
        yield "Its weights are on meta, without values: shapes were followed, nothing can be computed."


def left_behind(case: Case) -> Iterator[str]:
    """Yield the plain tensors that lie on another device than the network."""
    for path, name, device in () if case.failure else plain_tensors(case.model, home_of(case)):
        who = f"{name} of {named(path, type(case.layer(path)).__name__)}"
        yield (
            f"{who} is a plain tensor on {device}, which model.to() does not move; "
            f"self.register_buffer({name!r}, …) makes it move."
        )


def batch_of_one(case: Case) -> Iterator[str]:
    """Yield that batch normalization cannot be trained on what was given."""
    if not case.model.training or case.call.sample is not None:
        return
    modules = dict(case.model.named_modules())
    for row in case.run.rows:
        shape = row.inputs[0] if row.inputs else ()
        module = modules.get(row.path)
        if isinstance(module, _BatchNorm) and module.training and len(shape) > 1 and prod(shape) == shape[1]:
            who = named(row.path, row.kind)
            yield f"In training {who} fails on this batch of one: it has one value a channel."
            return


def batch_for_time(case: Case) -> Iterator[str]:
    """Yield that a layer made for time first seems to be given the batch first."""
    x, output = case.image, case.run.output
    if case.call.sample is not None or x is None or x.dim() != 3 or not isinstance(output, tuple):
        return
    first, second = x.shape[:2]
    modules = dict(case.model.named_modules())
    if first == second or 1 in (first, second) or len(output) != 2 or output[0] != first:
        return
    for row in case.run.rows:
        direct = row.inputs[:1] == (tuple(x.shape),) and row.path in modules
        if direct and is_time_first(modules[row.path]):
            who = named(row.path, row.kind)
            yield (
                f"{who} takes time first: it read {first} steps of {second} samples, and the result has "
                f"a row for each step; if {first} is the batch, make it with batch_first=True."
            )
            return


def time_of_one(case: Case) -> Iterator[str]:
    """Yield that a layer made for time first takes the one sample for one step; the first layer alone."""
    modules, sample = dict(case.model.named_modules()), case.call.sample
    for row in case.run.rows if sample is not None else ():
        shape = row.inputs[0] if row.inputs else ()
        # What is given the sample as it is has its note from the trace.
        read = len(shape) == 3 and shape[0] == 1 < shape[1] and shape != (1, *(sample or ()))
        if read and row.path in modules and is_time_first(modules[row.path]):
            who = named(row.path, row.kind)
            yield (
                f"{who} takes time first: it read {shape[1]} samples of one step each; make it with "
                "batch_first=True, or transpose in front of it."
            )
            return


def swallowed(case: Case) -> Iterator[str]:
    """Yield an argument of a name that is nearly known, where the forward takes any."""
    known = parameters_of(case.model)
    if case.failure or not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    for word in case.call.kwargs:
        near = None if word in known else near_name(word, case.model)
        if near and near not in case.call.kwargs:
            who = name_of(case.model)
            yield f"{word} is no argument of {who}, which takes any name and says nothing: {near} is near."


def pooled_as_picture(case: Case) -> Iterator[str]:
    """Yield that a pooling of pictures takes a batch of sequences for one picture."""
    modules = dict(case.model.named_modules())
    if case.call.sample is None or not any(isinstance(module, SEQUENCES) for module in modules.values()):
        return
    for row in case.run.rows:
        if isinstance(modules.get(row.path), POOLS) and row.inputs and len(row.inputs[0]) == 3:
            yield (
                f"{named(row.path, row.kind)} takes {times(row.inputs[0])} for one picture without a batch "
                f"and pools over channels too; {row.kind[:-2]}1d pools over time alone."
            )


NOTES: tuple[Callable[[Case], Iterator[Any]], ...] = (
    unread_result, unregistered, without_values, left_behind, batch_of_one, batch_for_time, time_of_one,
    swallowed, pooled_as_picture,
)  # fmt: skip
