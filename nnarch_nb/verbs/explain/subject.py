"""What is explained: the samples, what they are compared with, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.answers import last_of
from nnarch_nb.core.data import Data
from nnarch_nb.core.inputs import as_call, weight_dtype
from nnarch_nb.core.options import type_name
from nnarch_nb.core.rng import generator
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.explain.given import data_of

Tensors = tuple[torch.Tensor, ...]

CHOOSING = ("classification", "next-token", "segmentation")  # kinds that answer one of several classes
OF_TOKENS = "the padding token"
NO_PADDING = "token 0, as the Embedding has no padding_idx"


@dataclass(frozen=True)
class Subject:
    """Samples to explain.

    Attributes
    ----------
    inputs, raw
        As the network sees them and in raw units, one tensor per input.
    baselines
        As the network sees them, one sample for all.
    baseline
        The same in words.
    names
        Of keyword arguments; empty for positional ones.
    single
        Whether one tensor was given, so that one is returned.
    data
        Where the samples are from, if from a ``Data``.
    goals
        What is to be given back, where a reconstruction is judged by its error.
    """

    inputs: Tensors
    raw: Tensors
    baselines: Tensors
    baseline: str
    indices: torch.Tensor
    split: str = ""
    names: tuple[str, ...] = ()
    single: bool = True
    labels: torch.Tensor | None = None
    data: Data | None = None
    goals: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def classes(self) -> int | None:
        """How many classes there are to choose one from: 0 for other kinds, None where it is not known."""
        if self.data is None:
            return None
        return self.data.outputs if self.data.kind in CHOOSING else 0

    @property
    def kind(self) -> str:
        return self.data.kind if self.data else ""

    @property
    def answers(self) -> int:
        """How many numbers an answer for every step or pixel has; 0 where a sample has but a few."""
        dense = self.data is not None and self.data.kind in ("next-token", "segmentation")
        return self.data.outputs * self.data.train.y[0:1].numel() if self.data and dense else 0

    def others(self, most: int) -> Tensors:
        """Return more samples of the split that these are from, as the network sees them."""
        return (self.data.held_out[1].x[:most].to(self.inputs[0]),) if self.data else ()

    def form(self, tensors: Tensors) -> Any:
        """Return tensors in the form in which the inputs were given."""
        if self.names:
            return dict(zip(self.names, tensors, strict=True))
        return tensors[0] if self.single else tensors


def subject(inputs: Any, n: int, baseline: float | None, seed: int, model: nn.Module) -> Subject:
    """Return what ``inputs`` asks to explain.

    Raises
    ------
    NNArchError
        There are no samples, or they are not numbers along which one can go step by step.
    """
    data = data_of(inputs, model)
    if data is not None:
        return drawn(data, n, baseline, seed, model)
    call = as_call(inputs, model=model)
    if call.sample is not None:
        raise NNArchError(f"the shape {call} has no values to explain: give a tensor of samples, or a Data")
    values = (*call.args, *call.kwargs.values())
    for number, value in enumerate(values, 1):
        check_input(value, f"input {number}" if len(values) > 1 else "the input")
    if len({len(value) for value in values}) > 1:
        raise NNArchError(f"the inputs {call} do not have the same number of samples")
    raw = tuple(value.clone() if value.is_inference() else value.detach() for value in values)
    tokens = any(not value.is_floating_point() for value in raw)
    refuse_level(baseline if tokens else None)
    level = 0.0 if baseline is None else float(baseline)
    return Subject(
        inputs=raw,
        raw=raw,
        baselines=tuple(finite(filled(value[:1], level), level) for value in raw),
        baseline=OF_TOKENS if tokens else f"{written(level)} everywhere",
        indices=torch.arange(len(raw[0])),
        names=tuple(call.kwargs),
        single=len(values) == 1,
    )


def drawn(data: Data, n: int, baseline: float | None, seed: int, model: nn.Module) -> Subject:
    dtype, (name, split) = weight_dtype(model), data.held_out
    check_input(split.x, f"the {name} split of {data.name}")
    indices = torch.randperm(len(split), generator=generator(seed))[:n]
    x = split.x[indices]
    reference, words = compared_with(data, baseline)
    reference = finite(reference.to(dtype), baseline) if x.is_floating_point() else reference
    return Subject(
        inputs=(x.to(dtype) if x.is_floating_point() else x,),
        raw=(data.raw(x),),
        baselines=(reference,),
        baseline=words,
        indices=indices,
        split=name,
        labels=labels_of(data, x, split.y[indices]),
        data=data,
        goals=split.y[indices] if data.kind == "reconstruction" else None,
    )


def labels_of(data: Data, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor | None:
    """Return what was to be answered, where it is one class, label or value per sample."""
    if data.kind == "next-token":
        return last_of(y, x)
    return None if data.kind in ("segmentation", "reconstruction") else y


def compared_with(data: Data, baseline: float | None) -> tuple[torch.Tensor, str]:
    """Return the baseline as the network sees it, and in words."""
    name, split = ("training", data.train) if len(data.train) else data.held_out
    if data.form == "tokens":
        refuse_level(baseline)
        return split.x[:1], OF_TOKENS
    if baseline is None and data.form == "series":
        steps = split.x.flatten(0, 1)
        return steps.nanmean(0).expand(1, *data.shape), f"the {name} mean of each channel"
    if baseline is None and data.form != "image":
        return split.x.mean(0, keepdim=True), f"the {name} mean"
    level = float(data.bounds[0] if baseline is None else baseline)
    words = f"black ({written(level)})" if baseline is None else f"{written(level)} everywhere"
    return data.ready(filled(torch.empty(1, *data.shape), level)), words


def refuse_level(baseline: float | None) -> None:
    if baseline is not None:
        raise NNArchError(
            "baseline is a value, and tokens have none: they are compared with the padding token"
        )


def written(level: float) -> str:
    return f"{level:g}".replace("-", "−")


def filled(like: torch.Tensor, level: float) -> torch.Tensor:
    """Return a tensor of one value; infinite where its type cannot hold it."""
    return torch.full_like(like, float(torch.tensor(level, dtype=torch.float64).to(like.dtype)))


def finite(baseline: torch.Tensor, level: float | None) -> torch.Tensor:
    if not bool(baseline.isfinite().all()):
        kind = type_name(baseline.dtype)
        raise NNArchError(f"baseline {level:g} is beyond what {kind} holds: give a value near the data's")
    return baseline


def check_input(value: Any, what: str) -> None:
    if not isinstance(value, torch.Tensor):
        raise NNArchError(f"{what} is a {type(value).__name__}, not a tensor: explain takes tensors alone")
    if not value.dim() or not len(value):
        raise NNArchError(f"{what} has no samples to explain")
    if not value.is_floating_point() and value.dim() != 2:
        raise NNArchError(
            f"{what} holds integers ({value.dtype}): integrated gradients needs numbers between which one "
            "can go step by step, or tokens of shape (n, steps); for images use x.float()"
        )
