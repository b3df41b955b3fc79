"""What is attacked: samples in raw units, their classes, and where their adversarials may lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.core.probe import EVIDENCE
from nnarch_nb.core.rng import generator
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack.judges import Judge, judge_of
from nnarch_nb.verbs.attack.options import Options
from nnarch_nb.verbs.attack.space import Space, space
from nnarch_nb.verbs.attack.victim import Batch
from nnarch_nb.verbs.attack.words import Words, words_of


@dataclass(frozen=True)
class Targets:
    """Samples drawn to be attacked.

    Attributes
    ----------
    originals, labels
        In raw units, and what the verdict on each is where the network is right.
    y
        Their targets.
    starts
        A random direction per sample, drawn at once so that no batch split changes it; empty for text.
    indices
        Where they are in ``split``.
    """

    data: Data
    split: str
    indices: torch.Tensor
    originals: torch.Tensor
    labels: torch.Tensor
    y: torch.Tensor
    starts: torch.Tensor
    space: Space | Words
    judge: Judge
    batch_size: int

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def evidence(self) -> torch.Tensor:
        """The samples, and more of their split: they tell whether one output is a probability."""
        return torch.cat([self.originals, self.data.raw(self.data.held_out[1].x[:EVIDENCE]).detach().cpu()])

    def first(self, n: int) -> Targets:
        kept = {name: getattr(self, name)[:n] for name in ("indices", "originals", "labels", "y", "starts")}
        return replace(self, **kept)

    def batch(self, which: torch.Tensor, eps: float, device: torch.device, now: torch.Tensor) -> Batch:
        """Return some of the samples; ``now`` is what the last eps made of all."""
        originals = low = high = self.originals[which]
        start = now[which]
        if isinstance(self.space, Space):
            (low, high), start = self.space.limits(originals, eps), self.starts[which]
        tensors = (originals, self.y[which], low, high, self.space.radius(eps), start)
        return Batch(*(tensor.to(device) for tensor in tensors))


def targets(data: Any, options: Options) -> Targets:
    """Return ``options.n`` samples of the held-out split.

    Raises
    ------
    NNArchError
        The data has no classes, no samples, or no numbers that could change a little.
    """
    from nnarch_nb.verbs.data import as_data

    data = as_data(data)
    judge = judge_of(data)
    name, split = data.held_out
    if not len(split):
        raise NNArchError(f"{data.name} has no samples to attack")
    if not split.x.is_floating_point() and data.form != "tokens":
        raise NNArchError(f"{data.name} holds integers ({split.x.dtype}) that are no tokens: use x.float()")
    draw = generator(options.seed)
    indices = torch.randperm(len(split), generator=draw)[: options.n]
    x, y = split.x[indices].detach().cpu(), split.y[indices].cpu()
    if data.form == "tokens":
        where: Space | Words = words_of(data, options)
        raw, starts = x, torch.zeros(len(x))
    else:
        raw = data.raw(x)
        refuse_gaps(data, name, raw)
        where = space(data, raw, options)
        starts = 2 * torch.rand(raw.shape, generator=draw, dtype=raw.dtype) - 1
        raw = raw.clamp(where.low, where.high)
    return Targets(data, name, indices, raw, judge.labels(y), y, starts, where, judge, options.batch_size)


def refuse_gaps(data: Data, name: str, raw: torch.Tensor) -> None:
    """Raise where a value is missing; the steps after the end of a series are, and may be."""
    gaps = ~raw.isfinite()
    if data.form == "series":
        gaps = gaps & ~raw.isnan().all(2, keepdim=True)
    if bool(gaps.any()):
        raise NNArchError(f"the {name} split of {data.name} holds NaN or infinity: drop those rows first")
