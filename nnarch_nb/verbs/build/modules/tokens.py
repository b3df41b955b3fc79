"""What turns steps into a transformer's input, and features back into scores over the vocabulary."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Positions(nn.Module):
    """Add to each step where it stands: ``(n, steps, dim) -> (n, steps, dim)``.

    Learned as in BERT and GPT (drawn from a normal of deviation 0.02, as both do), or the fixed waves of
    Vaswani et al. 2017, section 3.5, which need no training.

    Parameters
    ----------
    dim
        Features of a step.
    max_len
        The most steps that it has positions for.
    kind
        ``learned`` or ``sinusoidal``.
    """

    weight: torch.Tensor

    def __init__(self, dim: int, max_len: int, kind: str = "learned") -> None:
        super().__init__()
        if kind not in ("learned", "sinusoidal"):
            raise ValueError(f"kind={kind!r} is neither 'learned' nor 'sinusoidal'")
        self.max_len = max_len
        self.kind = kind
        if kind == "learned":
            self.weight = nn.Parameter(torch.empty(max_len, dim).normal_(std=0.02))
        else:
            self.register_buffer("weight", self.waves(max_len, dim), persistent=False)

    @staticmethod
    def waves(max_len: int, dim: int) -> torch.Tensor:
        """Return sines in the even features and cosines in the odd, from fast to slow."""
        rates = 10_000 ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
        angles = torch.arange(max_len, dtype=torch.float64)[:, None] * rates
        return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :dim].float()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the steps with their positions added."""
        if x.shape[1] > self.max_len:
            raise ValueError(f"{x.shape[1]} steps are more than the {self.max_len} that have positions")
        return x + self.weight[: x.shape[1]]

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.weight.shape[1]}, max_len={self.max_len}, kind={self.kind!r}"


class Segments(nn.Module):
    """Add BERT's token types: ``(n, steps, dim) -> (n, steps, dim)``; every step is of segment 0.

    BERT tells the first text from the second so (Devlin et al. 2019, section 3). Here one text comes in;
    the other segments keep the weights of a pretrained network in place.

    Parameters
    ----------
    dim
        Features of a step.
    segments
        How many there are weights for.
    """

    def __init__(self, dim: int, segments: int = 2) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(segments, dim).normal_(std=0.02))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the steps with the weights of segment 0 added."""
        return x + self.weight[0]

    def extra_repr(self) -> str:
        """Return the sizes."""
        segments, dim = self.weight.shape
        return f"{dim}, segments={segments}"


class ClassToken(nn.Module):
    """Put a learned step in front: ``(n, steps, dim) -> (n, 1 + steps, dim)``; it is always real.

    What it has gathered after the attention stands for the whole (Devlin et al. 2019; for images
    Dosovitskiy et al. 2021, section 3.1). Take it with ``First()``.

    Parameters
    ----------
    dim
        Features of a step.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(dim).normal_(std=0.02))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the steps with the learned one before them."""
        return torch.cat([self.weight.expand(x.shape[0], 1, -1), x], dim=1)

    def next_mask(self, mask: torch.Tensor) -> torch.Tensor:
        """Return the mask (n, 1 + steps) of what comes out."""
        return F.pad(mask, (1, 0), value=True)

    def extra_repr(self) -> str:
        """Return the size."""
        return f"{self.weight.shape[0]}"


class Transpose(nn.Module):
    """Exchange two dimensions, such as steps and channels before a ``Conv1d``; the batch is dimension 0.

    Parameters
    ----------
    dim0, dim1
        The two.
    """

    def __init__(self, dim0: int, dim1: int) -> None:
        super().__init__()
        self.dim0 = dim0
        self.dim1 = dim1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the tensor with the dimensions exchanged."""
        return x.transpose(self.dim0, self.dim1)

    def extra_repr(self) -> str:
        """Return the dimensions."""
        return f"{self.dim0}, {self.dim1}"


class Unembed(nn.Linear):
    """Scores over the vocabulary: ``(n, steps, dim) -> (n, steps, vocab_size)``.

    Its weights are those of an embedding, one matrix for both (Press and Wolf 2017, "Using the Output
    Embedding to Improve Language Models").

    Parameters
    ----------
    dim
        Features of a step.
    vocab_size
        How many tokens there are.
    """

    def __init__(self, dim: int, vocab_size: int) -> None:
        super().__init__(dim, vocab_size, bias=False)

    def tie(self, embedding: nn.Embedding) -> None:
        """Use the embedding's weights from now on."""
        self.weight = embedding.weight
