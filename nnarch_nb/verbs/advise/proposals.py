"""The options: every family that takes such data, sized for it, as lines that run.

A line is offered only after its network was built on ``meta``, which costs neither memory nor weights, so
that what is proposed is known to fit the data.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.data import Data, Split
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.advise import rules, sizes
from nnarch_nb.verbs.advise.facts import Facts
from nnarch_nb.verbs.advise.parts import Option
from nnarch_nb.verbs.build import build
from nnarch_nb.verbs.build.families import FAMILIES
from nnarch_nb.verbs.summary import summary

BATCH = 64  # that memory is reckoned for, as ``train`` takes by default
FEW_STEPS = 32
LONG = 128  # steps, from which on what they cost is reckoned from fewer
# And steps of theirs are traced one by one, which for 800 takes half a minute.
SAME_AT_ANY_LENGTH = ("rnn", "lstm", "gru", "hybrid")
DATA, MODEL = "data", "model"  # what the lines call them, unless told


def proposals(data: Data, facts: Facts, called: str = DATA) -> list[Option]:
    """Return the options, the best first; those that cannot be built last.

    Raises
    ------
    NNArchError
        No family takes such data.
    """
    names = [name for name, family in FAMILIES.items() if takes(family, facts)]
    found = [sized(name, data, facts, called) for name in names]
    found.sort(key=lambda option: (option.params is None, -option.weight))  # stable: the simpler first
    if found and found[0].params is not None:
        return [costed(found[0], data), *found[1:]]
    raise NNArchError(f"no family answers {facts.kind} of {facts.form} data; write its layers yourself")


def takes(family: Any, facts: Facts) -> bool:
    return facts.form in family.forms and facts.kind in family.kinds


@dataclass(frozen=True)
class Size:
    """A rung of a ladder that was built: options, parameters, and those of them in rows for each token."""

    settings: dict[str, Any]
    params: int
    tables: int


def sized(name: str, data: Data, facts: Facts, called: str = DATA) -> Option:
    """Return the family with the largest size that the rule of thumb allows."""
    told, training, ladder = rules.reasons(name, facts), sizes.training(name, facts), sizes.ladder(name)
    size, problem = chosen(name, data, facts)
    settings = size.settings if size else {}
    return Option(
        name,
        FAMILIES[name].title,
        *lines(name, settings, training, called),
        settings=settings,
        training=training,
        params=size.params if size else None,
        tables=size.tables if size else 0,
        weight=sum(reason.weight for reason in told),
        reasons=told,
        shape_reason=f"{ladder.reason} ({ladder.source})",
        problem=None if size else problem,
    )


def chosen(name: str, data: Data, facts: Facts) -> tuple[Size | None, str | None]:
    """Return the rung to take, else why none of them can be built."""
    known = inspect.signature(FAMILIES[name].write).parameters
    quick = shortened(data) if step_by_step(name, data) else data
    found, problem = None, None
    for rung in sizes.rungs(name, facts):
        settings = {key: value for key, value in rung.items() if key in known}
        try:
            network = bare(name, quick, settings)
        except NNArchError as error:
            problem = str(error)
            continue
        found = Size(settings, parameters(network), in_tables(network, facts))
        if found.params - found.tables <= facts.numbers:
            break
    return found, problem


def in_tables(network: nn.Module, facts: Facts) -> int:
    """Return the parameters in rows for each token, a shared table counted once."""
    tables = {
        id(weight): weight.numel()
        for module in network.modules()
        if isinstance(module, nn.Embedding)
        or (facts.kind == "next-token" and getattr(module, "out_features", 0) == facts.outputs)
        for weight in module.parameters(recurse=False)
    }
    return sum(tables.values())


def step_by_step(name: str, data: Data) -> bool:
    return name in SAME_AT_ANY_LENGTH and data.form != "image"


def shortened(data: Data, steps: int = FEW_STEPS) -> Data:
    """Return one sample of a few steps, for which networks that have no positions are as large.

    Without a vocabulary the tokens say how many there are, so all of them are needed.
    """
    if data.form == "tokens" and data.vocabulary is None:
        return data
    few = min(steps, data.shape[0])
    x = data.train.x[:1, :few].clone()
    if data.padded:
        x[:, -1] = 0 if data.form == "tokens" else torch.nan
    y = data.train.y[:1, :few] if data.kind == "next-token" else data.train.y[:1]
    none = Split(x[:0], y[:0])
    return replace(data, shape=(few, *data.shape[1:]), train=Split(x, y), val=none, test=none)


def bare(spec: str, data: Data, settings: dict[str, Any]) -> nn.Module:
    """Return the network without memory for its weights."""
    with torch.device("meta"):
        return made(spec, data, settings)


def made(spec: str, data: Data, settings: dict[str, Any], seed: int = 0) -> nn.Module:
    network = build(spec, data, seed=seed, **settings)
    assert isinstance(network, nn.Module)
    return network


def of_option(option: Option, data: Data, seed: int) -> nn.Module:
    """Return the network that the option's line builds."""
    settings = {key: value for key, value in option.settings.items() if key != "spec"}
    return made(option.spec, data, settings, seed)


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def lines(
    word: str, settings: dict[str, Any], training: dict[str, Any], called: str = DATA
) -> tuple[str, str]:
    """Return the lines that build and train it.

    Examples
    --------
    >>> lines("mlp", {"width": 8}, {"epochs": 5, "batch_size": 16})[0]
    '%nnarch build mlp data --width 8 -o model'
    >>> lines("mlp", {"width": 8}, {"epochs": 5, "batch_size": 16})[1]
    '%nnarch train model data --epochs 5 --batch-size 16'
    """
    build_line = " ".join(["%nnarch build", word, called, *options(settings), "-o", MODEL])
    return build_line, " ".join(["%nnarch train", MODEL, called, *options(training)])


def options(settings: dict[str, Any]) -> list[str]:
    return [f"--{name.replace('_', '-')} {value}" for name, value in settings.items()]


def costed(option: Option, data: Data) -> Option:
    """Return the option with what it costs; without where it cannot be traced.

    What is run step by step costs as much more for each step, so that two short runs tell a long one.
    """
    try:
        if not step_by_step(option.spec, data) or data.shape[0] <= LONG:
            macs, memory = cost(option, data)
        else:
            less, more = (cost(option, shortened(data, steps)) for steps in (FEW_STEPS // 2, FEW_STEPS))
            macs, memory = (extended(a, b, data.shape[0]) for a, b in zip(less, more, strict=True))
    except NNArchError:
        return option
    return replace(option, macs=macs, memory_bytes=memory)


def cost(option: Option, data: Data) -> tuple[int | None, int | None]:
    """Return the MACs of a sample, None where some are not counted, and the bytes that training takes."""
    settings = {key: value for key, value in option.settings.items() if key != "spec"}
    found = summary(bare(option.spec, data, settings), data)
    return None if found.uncounted else found.macs, found.fit(batch=BATCH, optimizer="adam").bytes


def extended(less: int | None, more: int | None, steps: int) -> int | None:
    """Return what so many steps cost, by what ``FEW_STEPS`` and half of them do.

    Examples
    --------
    >>> extended(116, 132, 800)
    900
    """
    if less is None or more is None:
        return None
    return round(more + (more - less) * (steps - FEW_STEPS) / (FEW_STEPS - FEW_STEPS // 2))
