"""Weights, inputs and other tensors of a network lie on different devices."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from nnarch_nb.core.trace import Failure
from nnarch_nb.core.trace.rows import numbers_in
from nnarch_nb.verbs.check.finding import Case, Finding, found, named, where, who
from nnarch_nb.verbs.check.patches import all_of, holding, operand, with_inputs
from nnarch_nb.verbs.check.proposal import Proposal

ABOUT_DEVICES = ("same device", "two devices", "on device", "different devices", "Device Propagation")


def apart(case: Case, failure: Failure) -> Finding | None:
    """Find who lies elsewhere: some weights, a plain tensor attribute, the inputs, or what forward makes."""
    mixed = len({g.device for g in (*failure.given, *failure.arguments)}) > 1
    if (
        not (any(words in failure.message for words in ABOUT_DEVICES) or "Device" in failure.error)
        and not mixed
    ):
        return None
    return (
        weights_apart(case, failure)
        or plain_apart(case, failure)
        or inputs_apart(case, failure)
        or made_apart(failure)
    )


def homes(model: nn.Module) -> dict[str, list[str]]:
    """Return the weights by their device, the most used device first."""
    tensors = [*model.named_parameters(), *model.named_buffers()]
    counted = {name: numbers_in({0: tensor}) for name, tensor in tensors}
    places: dict[str, list[str]] = {}
    for name, tensor in tensors:
        places.setdefault(str(tensor.device.type), []).append(name)
    return dict(sorted(places.items(), key=lambda item: -sum(counted[name] for name in item[1])))


def weights_apart(case: Case, failure: Failure) -> Finding | None:
    places = homes(case.model)
    if len(places) < 2:
        return None
    # Weights without values are the ones to be moved, however many they are.
    (home, _), *others = sorted(places.items(), key=lambda item: item[0] == "meta")
    away, names = others[0]
    layers = list(dict.fromkeys(name.rpartition(".")[0] or name for name in names))
    several = f"{', '.join(layers[:3])}{' and others' if len(layers) > 3 else ''}"
    reason = f"{several} {'is' if len(layers) == 1 else 'are'} on {away}, the other weights on {home}"
    return found(failure, reason, "device", detail=("weights", home, names))


def plain_apart(case: Case, failure: Failure) -> Finding | None:
    home = home_of(case)
    for path, name, device in plain_tensors(case.model, home):
        who = f"{name} of {named(path, type(case.layer(path)).__name__)}"
        reason = (
            f"{who} is a plain tensor on {device}, which model.to() does not move; the network is on {home}"
        )
        return found(failure, reason, "device", detail=("plain", home, (path, name)))
    return None


def home_of(case: Case) -> str:
    first = next((str(x.device.type) for x in case.call.tensors), "cpu")
    return next(iter(homes(case.model)), None) or first


def plain_tensors(model: nn.Module, home: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, name and device of each plain tensor attribute that is not at home."""
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor) and value.device.type != home:
                yield path, name, value.device.type


def inputs_apart(case: Case, failure: Failure) -> Finding | None:
    home = next(iter(homes(case.model)), None)
    others = sorted({str(x.device.type) for x in case.call.tensors} - {home})
    if home is None or not others or case.call.sample is not None:
        return None
    if home == "meta":
        reason = f"the weights are on meta, without values, and the input is on {others[0]}"
        names = [name for name, _ in [*case.model.named_parameters(), *case.model.named_buffers()]]
        return found(failure, reason, "device", detail=("weights", others[0], names))
    reason = f"{who(failure)} has its weights on {home} but gets an input on {others[0]}"
    return found(failure, reason, "device", detail=("inputs", home, ()))


def made_apart(failure: Failure) -> Finding | None:
    devices = list(dict.fromkeys(g.device for g in failure.given))
    made = next((i for i, g in enumerate(failure.given) if not g.source and not g.weight), None)
    if len(devices) < 2:
        return None
    home = next((g.device for g in failure.given if g.source or g.weight), devices[0])
    reason = f"{where(failure)} is given tensors on {' and '.join(devices)}"
    if made is not None:
        reason += "; the one that the code makes needs device=x.device"
    return found(failure, reason, "device", detail=("made", home, made))


def move(case: Case, finding: Finding) -> Iterator[Proposal]:
    """Yield everything on the device of most."""
    if finding.cause != "device":
        return
    what, home, which = finding.detail
    if what == "inputs":
        yield Proposal(f"x.to({home!r})", with_inputs(lambda x: moved(x, home)))
    elif what == "plain":
        path, name = which
        tensor = moved(getattr(case.layer(path), name), home)
        yield Proposal(
            f"self.register_buffer({name!r}, {name}), then model.to({home!r})", holding(path, name, tensor)
        )
    elif what == "weights":
        yield Proposal(*moving(case, home, which))
    elif which is not None and case.failure and case.failure.operation:
        shapes = tuple(g.shape for g in case.failure.given)
        text = f"make the tensor with device=x.device in {case.failure.operation}"
        yield Proposal(text, operand(case.failure.operation, shapes, which, lambda x: moved(x, home)))


def moving(case: Case, home: str, names: list[str]) -> Proposal:
    tensors = dict([*case.model.named_parameters(), *case.model.named_buffers()])
    places = [(*name.rpartition(".")[::2], moved(tensors[name].detach(), home)) for name in names]
    empty = any(tensors[name].is_meta for name in names)
    layers = {path for path, _, _ in places}
    layer = places[0][0] if len(layers) == 1 and places[0][0] else "model"
    text = f"{layer}.to_empty(device={home!r}), then load its weights" if empty else f"model.to({home!r})"
    return Proposal(text, all_of(*(holding(path, name, tensor) for path, name, tensor in places)))


def moved(x: Tensor, home: str) -> Tensor:
    return torch.empty_like(x, device=home) if x.is_meta else x.to(home)
