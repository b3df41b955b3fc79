"""What is attacked: samples in raw units, their classes, and where their adversarials may lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from nnarch_nb.core.data import Data
from nnarch_nb.core.probe import EVIDENCE
from nnarch_nb.core.rng import generator
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.attack.options import Options
from nnarch_nb.verbs.attack.space import Space, space
from nnarch_nb.verbs.attack.victim import Batch


@dataclass(frozen=True)
class Targets:
    """Samples drawn to be attacked.

    Attributes
    ----------
    originals, labels
        In raw units, and their classes.
    starts
        A random direction per sample, drawn at once so that no batch split changes it.
    indices
        Where they are in ``split``.
    """

    data: Data
    split: str
    indices: torch.Tensor
    originals: torch.Tensor
    labels: torch.Tensor
    starts: torch.Tensor
    space: Space
    batch_size: int

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def evidence(self) -> torch.Tensor:
        """The samples, and more of their split: they tell whether one output is a probability."""
        return torch.cat([self.originals, self.data.raw(self.data.held_out[1].x[:EVIDENCE]).detach().cpu()])

    def first(self, n: int) -> Targets:
        kept = {name: getattr(self, name)[:n] for name in ("indices", "originals", "labels", "starts")}
        return replace(self, **kept)

    def batch(self, which: torch.Tensor, eps: float, device: torch.device) -> Batch:
        originals = self.originals[which]
        low, high = self.space.limits(originals, eps)
        return Batch(
            originals=originals.to(device),
            labels=self.labels[which].to(device),
            low=low.to(device),
            high=high.to(device),
            radius=self.space.radius(eps).to(device),
            start=self.starts[which].to(device),
        )


def targets(data: Any, options: Options) -> Targets:
    """Return ``options.n`` samples of the held-out split.

    Raises
    ------
    NNArchError
        The data has no classes, no samples, or no numbers that could change a little.
    """
    from nnarch_nb.verbs.data import as_data

    data = as_data(data)
    if data.kind != "classification":
        raise NNArchError(f"{data.name} is regression data: robust accuracy needs classes")
    name, split = data.held_out
    if not len(split):
        raise NNArchError(f"{data.name} has no samples to attack")
    if not split.x.is_floating_point():
        raise NNArchError(
            f"{data.name} holds integers ({split.x.dtype}): tokens cannot change by a small eps"
        )
    draw = generator(options.seed)
    indices = torch.randperm(len(split), generator=draw)[: options.n]
    raw = data.raw(split.x[indices].detach().cpu())
    if not bool(raw.isfinite().all()):
        raise NNArchError(f"the {name} split of {data.name} holds NaN or infinity: drop those rows first")
    where = space(data, raw, options)
    starts = 2 * torch.rand(raw.shape, generator=draw, dtype=raw.dtype) - 1
    return Targets(
        data=data,
        split=name,
        indices=indices,
        originals=raw.clamp(where.low, where.high),
        labels=split.y[indices].cpu(),
        starts=starts,
        space=where,
        batch_size=options.batch_size,
    )
