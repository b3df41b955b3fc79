"""Where the mask of a series comes from: the steps after a sample's end are NaN."""

from __future__ import annotations

import torch
from torch import nn


class Masking(nn.Module):
    """Set the steps that are padding to 0: ``(n, steps, channels) -> (n, steps, channels)``.

    As the first layer it tells padding by its NaN: a step without a single number is none. A NaN among
    numbers stays, so that what is broken is seen. Further on it takes the mask that came so far, and makes
    padding 0 again for a layer that looks at several steps.
    """

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the steps; ``mask`` (n, steps) is True where a step is real."""
        mask = self.mask_of(x) if mask is None else mask
        return x if mask is None else x.masked_fill(~mask.unsqueeze(-1), 0)

    def mask_of(self, x: torch.Tensor) -> torch.Tensor | None:
        """Return which steps are real: those with a number."""
        return None if x.dim() != 3 else ~x.isnan().all(-1)
