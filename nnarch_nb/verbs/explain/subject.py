"""What is explained: the samples, what they are compared with, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nnarch_nb.core.data import Data
from nnarch_nb.core.inputs import as_call, weight_dtype
from nnarch_nb.core.options import type_name
from nnarch_nb.core.rng import generator
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.explain.given import data_of

Tensors = tuple[torch.Tensor, ...]


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

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def classes(self) -> int | None:
        """How many classes there are: 0 in regression, None where it is not known."""
        if self.data is None:
            return None
        return len(self.data.classes) if self.data.kind == "classification" else 0

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
        check_input(value, f"input {number}" if len(values) > 1 else "the input", model)
    if len({len(value) for value in values}) > 1:
        raise NNArchError(f"the inputs {call} do not have the same number of samples")
    raw = tuple(value.clone() if value.is_inference() else value.detach() for value in values)
    level = 0.0 if baseline is None else float(baseline)
    return Subject(
        inputs=raw,
        raw=raw,
        baselines=tuple(finite(filled(value[:1], level), level) for value in raw),
        baseline=f"{written(level)} everywhere",
        indices=torch.arange(len(raw[0])),
        names=tuple(call.kwargs),
        single=len(values) == 1,
    )


def drawn(data: Data, n: int, baseline: float | None, seed: int, model: nn.Module) -> Subject:
    dtype, (name, split) = weight_dtype(model), data.held_out
    check_input(split.x, f"the {name} split of {data.name}", model)
    indices = torch.randperm(len(split), generator=generator(seed))[:n]
    x = split.x[indices]
    reference, words = compared_with(data, baseline)
    reference = finite(reference.to(dtype), baseline)
    return Subject(
        inputs=(x.to(dtype),),
        raw=(data.raw(x),),
        baselines=(reference,),
        baseline=words,
        indices=indices,
        split=name,
        labels=split.y[indices],
        data=data,
    )


def compared_with(data: Data, baseline: float | None) -> tuple[torch.Tensor, str]:
    """Return the baseline as the network sees it, and in words."""
    if baseline is None and len(data.shape) != 3:
        name, split = ("training", data.train) if len(data.train) else data.held_out
        return split.x.mean(0, keepdim=True), f"the {name} mean"
    level = float(data.bounds[0] if baseline is None else baseline)
    words = f"black ({written(level)})" if baseline is None else f"{written(level)} everywhere"
    return data.ready(filled(torch.empty(1, *data.shape), level)), words


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


def check_input(value: Any, what: str, model: nn.Module) -> None:
    if not isinstance(value, torch.Tensor):
        raise NNArchError(f"{what} is a {type(value).__name__}, not a tensor: explain takes tensors alone")
    if not value.dim() or not len(value):
        raise NNArchError(f"{what} has no samples to explain")
    if not value.is_floating_point():
        raise NNArchError(
            f"{what} holds integers ({value.dtype}): integrated gradients needs numbers between which one "
            f"can go step by step; {for_integers(model)}"
        )


def for_integers(model: nn.Module) -> str:
    """Return what to do instead: an embedding's output has such numbers, and its tokens have not."""
    layers = [name for name, module in model.named_modules() if isinstance(module, nn.Embedding)]
    if not layers or not layers[0]:
        return "for images use x.float()"
    place = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in layers[0].split("."))
    return (
        "for tokens explain the network behind its embedding: rest = copy.deepcopy(model); "
        f"rest{place} = torch.nn.Identity(); explain(rest, model{place}(tokens))"
    )
