"""Self-attention that knows which steps are real: the heart of every transformer here.

torch's own ``MultiheadAttention`` takes its masks the other way round for each purpose and answers NaN
where a whole sample is padding. Here one mask says which steps are real, as everywhere in this package.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class SelfAttention(nn.Module):
    """Each step looks at the others: ``(n, steps, dim) -> (n, steps, dim)``.

    Several heads of scaled dot products (Vaswani et al. 2017, "Attention Is All You Need", section 3.2).
    The weights lie as in ``nn.MultiheadAttention``: queries, keys and values in one matrix.

    Parameters
    ----------
    dim
        Features of a step; ``heads`` divides it.
    heads
        How many attentions run side by side, each on ``dim / heads`` features.
    causal
        Whether a step sees only itself and what came before it.
    dropout
        The share of attention weights dropped in training.
    bias
        Whether both projections add one.
    """

    takes_mask = True

    def __init__(
        self, dim: int, heads: int, causal: bool = False, dropout: float = 0.0, bias: bool = True
    ) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            raise ValueError(f"{dim} features cannot be shared evenly by heads={heads}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout={dropout} is a share, from 0 to 1")
        self.heads = heads
        self.causal = causal
        self.dropout = dropout
        self.qkv = nn.Linear(dim, 3 * dim, bias=bias)
        self.out = nn.Linear(dim, dim, bias=bias)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the steps after each has looked at those it sees; ``mask`` (n, steps) is True where real."""
        query, key, value = self.projected(x)
        y = F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=self.seen(mask),
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal and mask is None,
        )
        return self.joined(y)

    def projected(self, x: torch.Tensor) -> torch.Tensor:
        """Return queries, keys and values, each ``(n, heads, steps, dim / heads)``."""
        return self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)

    def joined(self, y: torch.Tensor) -> torch.Tensor:
        """Return the heads side by side, projected out."""
        return self.out(y.transpose(1, 2).flatten(2))

    def seen(self, mask: torch.Tensor | None) -> torch.Tensor | None:
        """Return which steps each step sees: the real ones; any where there are none, as 0/0 is no number."""
        if mask is None:
            return None
        if not self.causal:
            return (mask | ~mask.any(1, keepdim=True))[:, None, None, :]
        itself = torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)
        return (mask[:, None, None, :] | itself).tril()

    def extra_repr(self) -> str:
        """Return the settings that the projections do not show."""
        return f"heads={self.heads}, causal={self.causal}, dropout={self.dropout}"
