"""One vector out of many steps: the steps that are padding have no say in it."""

from __future__ import annotations

import torch
from torch import nn


class Last(nn.Module):
    """The last real step of a sequence: ``(n, steps, dim) -> (n, dim)``."""

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the last step; ``mask`` (n, steps) is True where a step is real."""
        if x.dim() < 3:
            raise ValueError("it takes the last of several steps (steps, features)")
        if mask is None:
            return x[:, -1]
        last = mask.shape[1] - 1 - mask.flip(1).int().argmax(1)
        return x[torch.arange(x.shape[0], device=x.device), last]


class First(nn.Module):
    """The first step of a sequence, such as the class token: ``(n, steps, dim) -> (n, dim)``."""

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the first step, which no padding at the end can change."""
        if x.dim() < 3:
            raise ValueError("it takes the first of several steps (steps, features)")
        return x[:, 0]


class MeanSteps(nn.Module):
    """The mean over the real steps of a sequence: ``(n, steps, dim) -> (n, dim)``."""

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the mean; ``mask`` (n, steps) is True where a step is real. Of no real step it is 0."""
        if x.dim() < 3:
            raise ValueError("it takes the mean over several steps (steps, features)")
        if mask is None:
            return x.mean(1)
        real = mask.unsqueeze(-1)
        return x.masked_fill(~real, 0).sum(1) / real.sum(1).clamp(min=1)


class MaxSteps(nn.Module):
    """The largest value of each feature over the real steps: ``(n, steps, dim) -> (n, dim)``.

    One step that is sure decides, however many others there are: Collobert et al. 2011, "Natural Language
    Processing (Almost) from Scratch", section 3.3.2.
    """

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the maximum; ``mask`` (n, steps) is True where a step is real. Of no real step it is 0."""
        if x.dim() < 3:
            raise ValueError("it takes the largest of several steps (steps, features)")
        if mask is None:
            return x.amax(1)
        largest = x.masked_fill(~mask.unsqueeze(-1), -torch.inf).amax(1)
        return largest.masked_fill(~mask.any(1, keepdim=True), 0)
