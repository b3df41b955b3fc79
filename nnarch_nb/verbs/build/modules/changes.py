"""Steps as changes: what a network cannot extrapolate, it need not be shown."""

from __future__ import annotations

import torch
from torch import nn

from nnarch_nb.verbs.build.modules.pooling import Last


class SinceLast(nn.Module):
    """Every step as its difference from the last real one: ``(n, steps, channels) -> (n, steps, channels)``.

    A level outside what was trained on then looks like any other; what goes around this layer can add the
    last step again (A. Zeng et al. 2023, Are Transformers Effective for Time Series Forecasting?, NLinear).
    """

    takes_mask = True

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the differences; ``mask`` (n, steps) is True where a step is real, padding becomes 0."""
        away = x - Last()(x, mask).unsqueeze(1)
        return away if mask is None else away.masked_fill(~mask.unsqueeze(-1), 0)
